using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Results;

/// <summary>
/// Failures of a service in the trace beside those of the run, over the whole run, warm-up included. What is told of
/// windows is of those with <see cref="Failures.FewestOfHour"/> requests or more.
/// </summary>
/// <param name="Total">All windows together.</param>
/// <param name="Windows">Each window with requests, in order of time.</param>
/// <param name="Judged">How many windows have enough requests.</param>
/// <param name="TraceCorrelation">
/// Pearson's, of a window's requests and its share that failed in the trace; null where one does not vary.
/// </param>
/// <param name="SimulatedCorrelation">Likewise of the share that failed in the run.</param>
/// <param name="Correlation">Of the two shares of a window: whether the same windows fail.</param>
/// <param name="TraceByLoad">
/// The mean share that failed in the trace, by quarter of the windows' load from the least; empty of less than four.
/// </param>
/// <param name="SimulatedByLoad">Likewise in the run.</param>
public sealed record FailureFigures(
    FailureWindow Total, IReadOnlyList<FailureWindow> Windows, int Judged, double? TraceCorrelation,
    double? SimulatedCorrelation, double? Correlation, IReadOnlyList<double?> TraceByLoad,
    IReadOnlyList<double?> SimulatedByLoad)
{
    /// <summary>The figures of the windows of one service.</summary>
    internal static FailureFigures Of(IReadOnlyList<FailureWindow> windows)
    {
        FailureWindow[] enough =
            [.. windows.Where(w => w.Requests >= Failures.FewestOfHour && w.Simulated > 0)];
        double[] load = [.. enough.Select(w => (double)w.Requests)];
        double[] trace = [.. enough.Select(w => w.TraceShare!.Value)];
        double[] simulated = [.. enough.Select(w => w.SimulatedShare!.Value)];
        bool hasQuarters = enough.Length >= 4;
        return new FailureFigures(
            new FailureWindow
            {
                StartS = windows[0].StartS,
                Service = windows[0].Service,
                Requests = windows.Sum(w => w.Requests),
                TraceFailed = windows.Sum(w => w.TraceFailed),
                TimedOut = windows.Sum(w => w.TimedOut),
                Refused = windows.Sum(w => w.Refused),
                Lost = windows.Sum(w => w.Lost),
                Preempted = windows.Sum(w => w.Preempted),
            },
            windows, enough.Length, Sample.Correlation(load, trace), Sample.Correlation(load, simulated),
            Sample.Correlation(trace, simulated),
            hasQuarters ? [.. Failures.LoadQuarters(load, trace)] : [],
            hasQuarters ? [.. Failures.LoadQuarters(load, simulated)] : []);
    }
}
