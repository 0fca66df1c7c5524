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
    /// <summary>What is wrong where no latency has a band.</summary>
    internal const string NoBand =
        "found no latency that states how far it may be off, expected one with --band: roofline or a file with "
        + "residuals";

    /// <summary>Runs both ends of the band; throws where nothing says how far step times may be off.</summary>
    /// <param name="scenario">What to run, its warm-up settled.</param>
    /// <param name="parallel">How many run at a time, and when to stop early.</param>
    /// <param name="progress">Hears of each run that has ended; from several threads.</param>
    public static StepTimeBand Run(LoadedScenario scenario, ParallelRuns parallel, Action? progress = null)
    {
        Banded<LoadedScenario> band = Of(scenario);
        LoadedScenario[] ends = [band.Low, band.High];
        IReadOnlyList<BandRun> runs = parallel.Map(ends.Length, i =>
        {
            BandRun run = RunOf(ends[i], parallel.Cancellation);
            progress?.Invoke();
            return run;
        });
        return new StepTimeBand(runs[0], runs[1]);
    }

    /// <summary>
    /// A scenario with fast steps, as it is, and with slow ones; throws where nothing says how far step times may be
    /// off.
    /// </summary>
    public static Banded<LoadedScenario> Of(LoadedScenario scenario) => HasBand(scenario)
        ? new Banded<LoadedScenario>(Fast(scenario), scenario, Slow(scenario))
        : throw scenario.Error("cluster.pools", NoBand);

    /// <summary>Whether any pool's latency says how far it may be off.</summary>
    internal static bool HasBand(LoadedScenario scenario) =>
        scenario.Scenario.Cluster.Pools.Values.Any(pool => pool.Latency.Band != LatencyBand.None);

    /// <summary>The scenario with all steps as fast as they may be.</summary>
    internal static LoadedScenario Fast(LoadedScenario scenario) => At(scenario, band => band.Low);

    /// <summary>The scenario with all steps as slow as they may be.</summary>
    internal static LoadedScenario Slow(LoadedScenario scenario) => At(scenario, band => band.High);

    private static LoadedScenario At(LoadedScenario scenario, Func<LatencyBand, int> end) =>
        scenario.With(s => s with
        {
            Cluster = s.Cluster with
            {
                Pools = new OrderedMap<PoolSection>(s.Cluster.Pools.Select(
                    pool => KeyValuePair.Create(pool.Key, (object?)WithStepTimes(pool.Value, end)))),
            },
        });

    private static BandRun RunOf(LoadedScenario scaled, CancellationToken cancellation)
    {
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
