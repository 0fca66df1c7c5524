using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;

namespace ServingSim.Experiments.Replicating;

/// <summary>What is kept of one run among many.</summary>
/// <param name="Figures">Its figures.</param>
/// <param name="Waiting">The batch means that <see cref="QueueTrend"/> judges; none of a run of few requests.</param>
public sealed record Replication(RunFigures Figures, IReadOnlyList<double> Waiting)
{
    /// <summary>What is kept of a run.</summary>
    public static Replication Of(RunResult run) =>
        new(RunFigures.Of(run.Summary), QueueTrend.BatchesOf(run.WaitingAtArrivals));

    /// <summary>Sums over the pools, window by window, up to the last arrival.</summary>
    internal static double[] Series(RunResult run, Func<TimeSeriesRecord, double> value)
    {
        double last = run.Windows.Where(w => w.Arrived + w.Refused > 0).Select(w => w.StartS).DefaultIfEmpty().Max();
        return
        [
            .. run.Windows.Where(w => w.StartS <= last)
                .GroupBy(w => w.StartS)
                .Select(window => window.Sum(value)),
        ];
    }

    /// <summary>The mean over replications, as far as the shortest goes.</summary>
    internal static double[] MeanOf(IReadOnlyList<IReadOnlyList<double>> series) =>
        [.. Enumerable.Range(0, series.Min(s => s.Count)).Select(i => series.Average(s => s[i]))];
}
