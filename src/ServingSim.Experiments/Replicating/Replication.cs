using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Replicating;

/// <summary>What is kept of one run among many.</summary>
/// <param name="Figures">Its figures.</param>
/// <param name="Waiting">
/// Mean waiting requests in each window from the end of the warm-up to the last arrival, of all pools together.
/// </param>
public sealed record Replication(RunFigures Figures, IReadOnlyList<double> Waiting)
{
    /// <summary>What is kept of a run.</summary>
    public static Replication Of(LoadedScenario scenario, RunResult run) => new(
        RunFigures.Of(run.Summary), Series(run, scenario.Scenario.Warmup.TotalSeconds, w => w.WaitingMean));

    /// <summary>Sums over the pools, window by window, up to the last arrival.</summary>
    internal static double[] Series(RunResult run, double fromS, Func<TimeSeriesRecord, double> value)
    {
        double last = run.Windows.Where(w => w.Arrived + w.Refused > 0).Select(w => w.StartS).DefaultIfEmpty().Max();
        return
        [
            .. run.Windows.Where(w => w.StartS >= fromS && w.StartS <= last)
                .GroupBy(w => w.StartS)
                .Select(window => window.Sum(value)),
        ];
    }

    /// <summary>The mean over replications, as far as the shortest goes.</summary>
    internal static double[] MeanOf(IReadOnlyList<IReadOnlyList<double>> series) =>
        [.. Enumerable.Range(0, series.Min(s => s.Count)).Select(i => series.Average(s => s[i]))];
}
