using System.ComponentModel;
using System.Globalization;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>Options of <c>kv-cache</c>.</summary>
/// <param name="Scenario">The replica and its clients.</param>
/// <param name="RatesPerS">Mean rates; the paper's is 0.326 requests a second.</param>
/// <param name="Requests">Requests of a run; about 2,000 in the paper.</param>
/// <param name="Replications">Runs of each case, or as many as the trace has stretches for.</param>
public sealed record KvCacheOptions(
    FilePath Scenario, [property: DefaultValue("[0.326, 0.652, 1.304]")] IReadOnlyList<double> RatesPerS,
    int Requests = 2000, int Replications = 24) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (RatesPerS.Count == 0 || RatesPerS.Any(r => !(r is > 0 and <= 1e6)))
        {
            yield return (nameof(RatesPerS), "expected at least one number, each above 0 and at most 1e6");
        }

        if (Requests < 2)
        {
            yield return (nameof(Requests), $"found {Requests}, expected at least 2");
        }

        if (Replications < 2)
        {
            yield return (nameof(Replications), $"found {Replications}, expected at least 2");
        }
    }
}

/// <summary>KV usage of one run over time.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Rate">The mean rate, as the table has it.</param>
/// <param name="Process">The arrival process.</param>
/// <param name="TimesS">Where windows of a minute begin, in seconds.</param>
/// <param name="Usage">The mean share of KV blocks in use, 0 … 1.</param>
/// <param name="Failed">Requests that were refused or given up in each window.</param>
internal sealed record KvCacheTrack(
    string Gpu, string Rate, string Process, IReadOnlyList<double> TimesS, IReadOnlyList<double> Usage,
    IReadOnlyList<double> Failed);

/// <summary>
/// BurstGPT's arrivals against smoother ones of the same mean rate and with the same lengths, on one replica of
/// Llama-2-13B. BurstGPT's are stretches of consecutive rows of all services; lengths are those of conversations, row
/// by row, cut at 1,023 tokens, as the paper's driver has them.
/// </summary>
/// <param name="Figures">By GPU, rate and process.</param>
/// <param name="Tracks">KV usage over time in the first replication.</param>
/// <param name="Starts">The row at which each stretch begins.</param>
/// <param name="TimeFactors">By what the times of each stretch were divided at the lowest rate.</param>
internal sealed record KvCacheDemo(
    PairedFigures Figures, IReadOnlyList<KvCacheTrack> Tracks, IReadOnlyList<int> Starts,
    IReadOnlyList<double> TimeFactors)
{
    /// <summary>The trace's own arrivals.</summary>
    public const string Trace = "BurstGPT";

    /// <summary>BurstGPT-Perf's modelled scaling with its first shape.</summary>
    public const string Gamma = "Gamma, α = 0.5";

    /// <summary>Independent arrivals: what many independent callers together come near to.</summary>
    public const string Poisson = "Poisson";

    /// <summary>The GPUs, as <c>configs/gpus</c> names them.</summary>
    public static readonly IReadOnlyList<string> Gpus = ["a800-sxm-80gb", "rtx-a6000"];

    /// <summary>The processes, the smoothest first.</summary>
    public static readonly IReadOnlyList<string> Processes = [Poisson, Gamma, Trace];

    internal const int MostTokens = 1023;

    /// <summary>The RPS scaling of BurstGPT-Perf's scripts.</summary>
    private const double PublishedScale = 1.2344107085;

    private const double FullUsage = 0.9;

    /// <summary>Runs it.</summary>
    /// <param name="all">The rows of all services, failed ones too: they arrived.</param>
    /// <param name="scenario">Reads the scenario with settings laid over it.</param>
    /// <param name="options">How large it is.</param>
    /// <param name="parallel">How many simulations run at a time.</param>
    internal static KvCacheDemo Run(
        ServiceRows all, Func<IReadOnlyList<string>, LoadedScenario> scenario, KvCacheOptions options,
        ParallelRuns parallel)
    {
        IReadOnlyList<int> stretches = Stretches.NearestTo(
            all.Times, options.Requests, options.Replications, options.RatesPerS[0], PublishedScale);
        LoadedScenario first = scenario([]);
        (string Gpu, double Rate, string Process, int Replication)[] runs =
        [
            .. from gpu in Gpus
               from rate in options.RatesPerS
               from process in Processes
               from replication in Enumerable.Range(0, stretches.Count)
               select (gpu, rate, process, replication),
        ];
        Dictionary<string, LoadedScenario> byGpu = Gpus.ToDictionary(
            g => g, g => scenario([$"cluster.pools.main.gpu={g}"]));
        IReadOnlyList<RunResult> results = parallel.Map(runs.Length, i =>
        {
            (string gpu, double rate, string process, int replication) = runs[i];
            RequestRow[] rows = RowsOf(
                all, process, stretches[replication], rate, options, first, ReplicatedRun.SeedOf(first, replication));
            return Replications.RunOf(RowsWorkload.Replay(byGpu[gpu], rows), replication, parallel.Cancellation);
        });
        PairedFigures figures = new("gpu", "rate_per_s", "process");
        List<KvCacheTrack> tracks = [];
        foreach (((string gpu, double rate, string process, int replication), RunResult result) in runs.Zip(results))
        {
            string[] key = [gpu, rate.ToString("0.###", CultureInfo.InvariantCulture), process];
            Add(figures, key, result);
            if (replication == 0)
            {
                tracks.Add(new KvCacheTrack(
                    gpu, key[1], process, [.. result.Windows.Select(w => w.StartS)],
                    [.. result.Windows.Select(w => w.KvCacheUsageMean)],
                    [.. result.Windows.Select(w => (double)(w.Failed + w.Refused))]));
            }
        }

        return new KvCacheDemo(
            figures, tracks, stretches,
            [.. stretches.Select(s => Stretches.Factor(all.Times, s, options.Requests, options.RatesPerS[0]))]);
    }

    /// <summary>The requests of a run: the gaps of a process, and lengths that only the seed decides.</summary>
    internal static RequestRow[] RowsOf(
        ServiceRows all, string process, int stretch, double rate, KvCacheOptions options, LoadedScenario scenario,
        long seed)
    {
        double[] gaps = process == Trace
            ? Stretches.Gaps(all.Times, stretch, options.Requests)
            : Drawn(options.Requests, process == Gamma ? 0.5 : 1, seed);
        return Rows(gaps, rate, scenario, seed);
    }

    private static double[] Drawn(int count, double shape, long seed)
    {
        RandomStream arrivals = new RandomStreams(seed).Stream("arrivals");
        return Stretches.OfMeanOne(
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                Draws draws = arrivals.At(i);
                return draws.NextGamma(shape);
            }),
        ]);
    }

    private static RequestRow[] Rows(double[] gaps, double rate, LoadedScenario scenario, long seed)
    {
        RandomStreams streams = new(seed);
        (RandomStream prompts, RandomStream outputs) =
            (streams.Stream("prompt-lengths"), streams.Stream("output-lengths"));
        IJointLengths lengths = scenario.Scenario.Workload.Lengths!.Create(streams);
        RequestRow[] rows = new RequestRow[gaps.Length];
        double at = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            at += gaps[i] / rate;
            (Draws prompt, Draws output) = (prompts.At(i), outputs.At(i));
            RequestLengths drawn = lengths.Draw(ref prompt, ref output);
            rows[i] = new RequestRow(
                at, Math.Min(drawn.PromptTokens, MostTokens), Math.Min(drawn.OutputTokens, MostTokens));
        }

        return rows;
    }

    private static void Add(PairedFigures figures, string[] key, RunResult result)
    {
        RunFigures of = RunFigures.Of(result.Summary);
        figures.Add("most_requests_in_a_minute", result.Windows.Max(w => w.Arrived + w.Refused), key);
        foreach (string figure in new[] { "kv_cache_usage_mean", "kv_cache_usage_peak" })
        {
            figures.Add(figure, of[figure], key);
        }

        figures.Add("minutes_above_90_percent_kv", result.Windows.Count(w => w.KvCacheUsageMean > FullUsage), key);
        RequestCounts counts = result.Summary.Overall.Counts;
        figures.Add("preemptions", of["preemptions"], key);
        figures.Add("failed", counts.Failed, key);
        figures.Add("timed_out", counts.Aborted, key);
        figures.Add("queue_full", counts.Refused, key);
        foreach (string figure in new[] { "p50_ttft_ms", "p99_ttft_ms", "p50_e2el_ms", "p99_e2el_ms", "attainment" })
        {
            figures.Add(figure, of[figure], key);
        }
    }
}
