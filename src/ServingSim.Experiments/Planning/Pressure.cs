using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Planning;

/// <summary>
/// What a replica is busy with while the fleet is busiest: means over the tenth of the windows of timeseries.csv with
/// the most requests in the system, from the end of the warm-up to the last arrival.
/// </summary>
/// <param name="Running">Running requests of a replica.</param>
/// <param name="Waiting">Waiting requests of a replica.</param>
/// <param name="KvUsage">Share of KV blocks in use, 0 to 1.</param>
public sealed record Pressure(double Running, double Waiting, double KvUsage)
{
    private const int ShareOfWindows = 10;

    /// <summary>The pressure on the only pool of a run.</summary>
    internal static Pressure Of(LoadedScenario scenario, RunResult run)
    {
        double replicas = scenario.Scenario.Cluster.Pools.Values.Sum(p => p.Replicas);
        double warmupS = scenario.Scenario.Warmup.TotalSeconds;
        double last = run.Windows.Where(w => w.Arrived + w.Refused > 0).Select(w => w.StartS).DefaultIfEmpty().Max();
        TimeSeriesRecord[] counting = [.. run.Windows.Where(w => w.StartS >= warmupS && w.StartS <= last)];
        TimeSeriesRecord[] busiest =
        [
            .. counting.OrderByDescending(w => w.RunningMean + w.WaitingMean)
                .ThenBy(w => w.StartS)
                .Take(Math.Max(1, counting.Length / ShareOfWindows)),
        ];
        double Mean(Func<TimeSeriesRecord, double> value) => busiest.Length == 0 ? 0 : busiest.Average(value);
        return new Pressure(
            Mean(w => w.RunningMean) / replicas,
            Mean(w => w.WaitingMean) / replicas,
            Mean(w => w.KvCacheUsageMean));
    }

    /// <summary>The means over replications; null where there are none.</summary>
    internal static Pressure? MeanOf(IEnumerable<Pressure> pressures)
    {
        Pressure[] all = [.. pressures];
        return all.Length == 0
            ? null
            : new Pressure(all.Average(p => p.Running), all.Average(p => p.Waiting), all.Average(p => p.KvUsage));
    }
}
