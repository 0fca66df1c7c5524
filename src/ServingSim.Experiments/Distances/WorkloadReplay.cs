using System.Globalization;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Experiments.Distances;

/// <summary>A figure of two simulations that differ in the trace that they replay.</summary>
/// <param name="Name">Its name in summary.json.</param>
/// <param name="A">Replaying the first; null where undefined.</param>
/// <param name="B">Replaying the second.</param>
public sealed record ReplayedFigure(string Name, double? A, double? B)
{
    /// <summary>B less A, as a share of A; null where that is 0 or either is undefined.</summary>
    public double? Change => A is { } a && B is { } b && a != 0 ? (b - a) / a : null;
}

/// <summary>Replays traces on the same cluster.</summary>
internal static class WorkloadReplay
{
    /// <summary>What is told of each run.</summary>
    private static readonly string[] Names =
    [
        "completed", "failed", "p50_ttft_ms", "p90_ttft_ms", "p99_ttft_ms", "p50_tpot_ms", "p90_tpot_ms", "p99_tpot_ms",
        "p99_e2el_ms", "kv_cache_usage_mean", "kv_cache_usage_peak", "preemptions",
    ];

    /// <summary>
    /// One replica as BurstGPT's demonstrations have it, a 13-billion model on an 80 GB GPU; its workload is replaced.
    /// </summary>
    private const string UsualScenario = """
        schema: 1
        name: workload-compare
        workload: { source: synthetic, arrivals: { name: poisson, rate_per_s: 1 },
          prompt_tokens: { name: constant, tokens: 1 }, output_tokens: { name: constant, tokens: 1 } }
        cluster:
          pools:
            main: { gpu: a100-sxm-80gb, model: llama-2-13b, engine: { profile: vllm-v1 }, latency: roofline }
        outputs: { requests: none }
        """;

    /// <summary>The figures of both; throws <see cref="ScenarioException"/> or <see cref="TraceException"/>.</summary>
    /// <param name="a">The first trace.</param>
    /// <param name="b">The second trace.</param>
    /// <param name="timeScale">What times of both are divided by.</param>
    /// <param name="scenario">The scenario whose cluster serves them; null for the usual one.</param>
    /// <param name="catalog">The parts.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static IReadOnlyList<ReplayedFigure> Run(
        (string Path, TraceFormat Format) a, (string Path, TraceFormat Format) b, double timeScale, string? scenario,
        Catalog catalog, CancellationToken cancellation)
    {
        RunFigures ofA = Figures(a.Path, a.Format, timeScale, scenario, catalog, cancellation);
        RunFigures ofB = Figures(b.Path, b.Format, timeScale, scenario, catalog, cancellation);
        return [.. Names.Select(name => new ReplayedFigure(name, ofA[name], ofB[name]))];
    }

    private static RunFigures Figures(
        string path, TraceFormat format, double timeScale, string? scenario, Catalog catalog,
        CancellationToken cancellation)
    {
        LoadedScenario loaded = scenario is null
            ? LoadedScenario.Parse(UsualScenario, "workload-compare.yaml", [], catalog)
            : LoadedScenario.Read(scenario, [], catalog);
        string source = string.Create(
            CultureInfo.InvariantCulture,
            $"{{ name: {TraceFormats.ReaderOf(format)}, path: {Quoted(path)}, time_scale: {timeScale:R} }}");
        WorkloadSection workload = ScenarioFile.Parse<WorkloadHolder>(
            $"workload: {{ source: {source} }}", "workload-compare.yaml", [], catalog).Workload;
        LoadedScenario replay = loaded.With(
            s => s with { Workload = workload, Duration = null, Requests = null, Warmup = default, ReportBy = [] });
        return Replications.RunOne(replay, 0, cancellation).Figures;
    }

    private static string Quoted(string path) => $"'{Path.GetFullPath(path).Replace("'", "''")}'";

    private sealed record WorkloadHolder(WorkloadSection Workload);
}
