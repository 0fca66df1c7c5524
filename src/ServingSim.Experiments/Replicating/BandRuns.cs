using System.Collections.Immutable;
using ServingSim.Engine.Latency;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Replicating;

/// <summary>
/// Carries the error of step times through to a run's figures: all steps of all pools together are as fast, and then as
/// slow, as each pool's <see cref="LatencyBand"/> says. The seed stays, so that what differs is due to the steps.
/// </summary>
public static class BandRuns
{
    /// <summary>Runs both ends of the band; throws where nothing says how far step times may be off.</summary>
    /// <param name="scenario">What to run, its warm-up settled.</param>
    /// <param name="parallel">How many run at a time, and when to stop early.</param>
    /// <param name="progress">Hears of each run that has ended; from several threads.</param>
    public static StepTimeBand Run(LoadedScenario scenario, ParallelRuns parallel, Action? progress = null)
    {
        if (scenario.Scenario.Replications.Count is > 1 and int count)
        {
            throw scenario.Error("replications.count", $"found {count}, expected 1 with --band");
        }

        if (scenario.Scenario.Cluster.Pools.Values.All(pool => pool.Latency.Band == LatencyBand.None))
        {
            throw scenario.Error(
                "cluster.pools",
                "found no latency that states how far it may be off, expected one with --band: roofline or a file with "
                + "residuals");
        }

        Func<LatencyBand, int>[] ends = [band => band.Low, band => band.High];
        IReadOnlyList<BandRun> runs = parallel.Map(ends.Length, i =>
        {
            BandRun run = RunAt(scenario, ends[i], parallel.Cancellation);
            progress?.Invoke();
            return run;
        });
        return new StepTimeBand(runs[0], runs[1]);
    }

    private static BandRun RunAt(LoadedScenario scenario, Func<LatencyBand, int> end, CancellationToken cancellation)
    {
        LoadedScenario scaled = scenario.With(s => s with
        {
            Cluster = s.Cluster with
            {
                Pools = new OrderedMap<PoolSection>(s.Cluster.Pools.Select(
                    pool => KeyValuePair.Create(pool.Key, (object?)WithStepTimes(pool.Value, end)))),
            },
        });
        RunResult result = ScenarioRunner.Run(scaled, new RunOptions(null) { Cancellation = cancellation });
        return new BandRun(
            scaled.Scenario.Cluster.Pools.ToImmutableSortedDictionary(
                pool => pool.Key,
                pool => (double)pool.Value.Latency.DevicePartsPerMillion / ScaledLatency.Unscaled,
                StringComparer.Ordinal),
            result.Summary.Overall);
    }

    private static PoolSection WithStepTimes(PoolSection pool, Func<LatencyBand, int> end) => pool with
    {
        Latency = pool.Latency with { DevicePartsPerMillion = end(pool.Latency.Band) },
    };
}
