using ServingSim.Engine.Latency;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Planning;

/// <summary>
/// What a workload asks for, whoever serves it: measured by running it on a replica without limits, each step of which
/// takes a millisecond, so that it is known for traces and conversations too.
/// </summary>
/// <param name="RatePerS">Requests per second, over the time in which they arrive.</param>
/// <param name="SpanS">The time in which they arrive, in seconds.</param>
/// <param name="PromptTokens">Mean prompt tokens of a request.</param>
/// <param name="NewPromptTokens">Mean prompt tokens that no earlier prompt had, found by a cache without end.</param>
/// <param name="OutputTokens">Mean output tokens of a request.</param>
/// <param name="ContextTokens">Mean tokens in the KV cache of a running request.</param>
/// <param name="StepsVariation">Coefficient of variation of the steps that a request runs.</param>
public sealed record WorkloadProfile(
    double RatePerS,
    double SpanS,
    double PromptTokens,
    double NewPromptTokens,
    double OutputTokens,
    double ContextTokens,
    double StepsVariation)
{
    private const double StepMs = 1;
    private const int BlockSize = 16;
    private const int Blocks = 2_000_000;
    private const int MostAtATime = 1_000_000;

    /// <summary>Measures a workload by its replications' means.</summary>
    internal static WorkloadProfile Of(LoadedScenario scenario, Catalog catalog, ParallelRuns parallel)
    {
        LoadedScenario unlimited = scenario.With(s => s with
        {
            Cluster = s.Cluster with
            {
                Pools = new OrderedMap<PoolSection>(s.Cluster.Pools.Select(
                    p => KeyValuePair.Create(p.Key, (object?)Unlimited(p.Value, catalog)))),
                Admission = catalog.Admissions.Choose("all"),
            },
            Warmup = default,
            Stop = StopRule.Drain,
        });
        IReadOnlyList<WorkloadProfile> all = parallel.Map(
            scenario.Scenario.Replications.Count,
            i => Of(scenario, Replications.RunOf(unlimited, i, parallel.Cancellation).Summary));
        return new WorkloadProfile(
            all.Average(p => p.RatePerS), all.Average(p => p.SpanS), all.Average(p => p.PromptTokens),
            all.Average(p => p.NewPromptTokens), all.Average(p => p.OutputTokens), all.Average(p => p.ContextTokens),
            all.Average(p => p.StepsVariation));
    }

    private static WorkloadProfile Of(LoadedScenario scenario, Summary summary)
    {
        SummaryBlock all = summary.Overall;
        double requests = Math.Max(1, all.Counts.Completed);
        double spanS = scenario.Scenario is { Requests: null, Duration: { } duration }
            ? duration.TotalSeconds
            : all.DurationS ?? 0;
        double residentTokenS = (all.KvCacheUsageMean ?? 0) * Blocks * BlockSize * (all.DurationS ?? 0);
        double runningS = requests * (all.E2el?.MeanMs ?? 0) / 1e3;
        return new WorkloadProfile(
            spanS > 0 ? summary.Arrived / spanS : 0,
            spanS,
            all.TotalInputTokens / requests,
            Math.Max(0, all.TotalInputTokens - all.PrefixCacheHits) / requests,
            all.TotalOutputTokens / requests,
            runningS > 0 ? residentTokenS / runningS : all.TotalInputTokens / requests,
            all.E2el is { MeanMs: > 0 } stay ? stay.StdMs / stay.MeanMs : 0);
    }

    private static PoolSection Unlimited(PoolSection pool, Catalog catalog) => pool with
    {
        Replicas = 1,
        Latency = new LatencyChoice(
            catalog.Latencies.Choose("constant", new ConstantLatencyOptions(StepMs))),
        Host = new HostSection(),
        Engine = pool.Engine with
        {
            BlockSize = BlockSize,
            NumGpuBlocksOverride = Blocks,
            MaxNumSeqs = MostAtATime,
            MaxNumBatchedTokens = BlockSize * Blocks,
            LongPrefillTokenThreshold = 0,
            Profile = catalog.Profiles.Choose("vllm-v1"),
            AsyncScheduling = false,
            EnableChunkedPrefill = true,
            EnablePrefixCaching = true,
        },
    };
}
