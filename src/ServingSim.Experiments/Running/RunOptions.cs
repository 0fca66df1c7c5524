using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Running;

/// <summary>How a scenario is run; nothing here changes a result.</summary>
/// <param name="Folder">Where the results go; null if no file is written.</param>
public sealed record RunOptions(string? Folder)
{
    /// <summary>Whether steps.csv is written: one row a step.</summary>
    public bool WriteSteps { get; init; }

    /// <summary>Whether the laws are checked as the run goes on; a broken one throws.</summary>
    public bool Audit { get; init; }

    /// <summary>Draws timeseries.png from the windows and their length in seconds; null for no picture.</summary>
    public Action<Stream, IReadOnlyList<TimeSeriesRecord>, double>? Draw { get; init; }

    /// <summary>Hears now and then how far the run is; null if nobody listens.</summary>
    public Action<RunProgress>? Progress { get; init; }

    /// <summary>Hears of every client request, when it or the run ends; null if nobody listens.</summary>
    public Action<RequestRecord>? Ended { get; init; }

    /// <summary>What the summary says of faster and slower steps; null if nothing.</summary>
    public StepTimeBand? Band { get; init; }

    /// <summary>Ends the run early, leaving nothing behind.</summary>
    public CancellationToken Cancellation { get; init; }
}

/// <summary>How far a run is.</summary>
/// <param name="SimulatedS">Simulated time, in seconds.</param>
/// <param name="DurationS">When arrivals end, in simulated seconds; null if only the workload knows.</param>
/// <param name="Arrived">Client requests so far.</param>
/// <param name="Requests">How many there will be; null if only the workload knows.</param>
/// <param name="Ended">Client requests that have ended.</param>
public readonly record struct RunProgress(
    double SimulatedS, double? DurationS, long Arrived, long? Requests, long Ended)
{
    /// <summary>Roughly the share of the run that is done, 0 … 1; null if its end is not known.</summary>
    public double? Share => Requests is { } requests ? (double)Arrived / requests
        : DurationS is { } duration ? Math.Min(1, SimulatedS / duration)
        : null;
}

/// <summary>What a run gave.</summary>
/// <param name="Summary">Its figures.</param>
/// <param name="Windows">Its time series, as in timeseries.csv.</param>
/// <param name="WaitingAtArrivals">
/// How many requests waited in the whole cluster when another arrived, from the end of the warm-up on: at every
/// arrival, or at every second, fourth, ... where there are many.
/// </param>
/// <param name="Folder">Where its files are; null if none were written.</param>
public sealed record RunResult(
    Summary Summary, IReadOnlyList<TimeSeriesRecord> Windows, IReadOnlyList<int> WaitingAtArrivals, string? Folder);
