using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>One service that the disciplines are tried on.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Rows">Its rows that succeeded.</param>
/// <param name="RatePerS">The mean rate that its stretches are brought to.</param>
internal sealed record ScheduledService(string Name, ServiceRows Rows, double RatePerS);

/// <summary>
/// Three orders of admission on stretches of consecutive rows of each service, brought to a rate that makes one replica
/// queue in bursts. All orders see the same requests.
/// </summary>
/// <param name="Figures">By service and policy.</param>
internal sealed record SchedulingDemo(PairedFigures Figures)
{
    /// <summary>First come, first served.</summary>
    public const string Fcfs = "fcfs";

    /// <summary>The policies, as scenarios name them.</summary>
    public static readonly IReadOnlyList<string> Policies = [Fcfs, "shortest-first", "longest-first"];

    /// <summary>The latencies that policies are compared by.</summary>
    public static readonly IReadOnlyList<string> Latencies =
        ["mean_ttft_ms", "p99_ttft_ms", "mean_e2el_ms", "p99_e2el_ms"];

    /// <summary>Longer prompts are cut, so that none is beyond the model's 4,096 tokens.</summary>
    private const int MostPromptTokens = 3072;

    private const int MostOutputTokens = 1023;

    /// <summary>Runs it.</summary>
    /// <param name="services">What is served.</param>
    /// <param name="scenario">Reads the scenario with settings laid over it.</param>
    /// <param name="requests">Requests of a run.</param>
    /// <param name="replications">Runs of each case.</param>
    /// <param name="parallel">How many simulations run at a time.</param>
    internal static SchedulingDemo Run(
        IReadOnlyList<ScheduledService> services, Func<IReadOnlyList<string>, LoadedScenario> scenario, int requests,
        int replications, ParallelRuns parallel)
    {
        LoadedScenario[] byPolicy =
            [.. Policies.Select(p => scenario([$"cluster.pools.main.engine.policy={p}"]))];
        (ScheduledService Service, RequestRow[] Rows, int Policy)[] runs =
        [
            .. from service in services
               from first in Stretches.Spread(service.Rows.Count, requests, replications)
               let rows = Rows(service, first, requests)
               from policy in Enumerable.Range(0, Policies.Count)
               select (service, rows, policy),
        ];
        IReadOnlyList<RunFigures> results = parallel.Map(runs.Length, i =>
            RunFigures.Of(Replications.RunOf(
                RowsWorkload.Replay(byPolicy[runs[i].Policy], runs[i].Rows), 0, parallel.Cancellation).Summary));
        PairedFigures figures = new("service", "policy");
        foreach (((ScheduledService service, _, int policy), RunFigures result) in runs.Zip(results))
        {
            foreach (string figure in (string[])
                [.. Latencies, "attainment", "kv_cache_usage_mean"])
            {
                figures.Add(figure, result[figure], service.Name, Policies[policy]);
            }
        }

        return new SchedulingDemo(figures);
    }

    private static RequestRow[] Rows(ScheduledService service, int first, int requests)
    {
        double[] gaps = Stretches.Gaps(service.Rows.Times, first, requests);
        RequestRow[] rows = new RequestRow[requests];
        double at = 0;
        for (int i = 0; i < requests; i++)
        {
            at += gaps[i] / service.RatePerS;
            rows[i] = new RequestRow(
                at, Math.Min(service.Rows.Prompts[first + i], MostPromptTokens),
                Math.Min(service.Rows.Outputs[first + i], MostOutputTokens), service.Name);
        }

        return rows;
    }
}
