namespace ServingSim.Experiments.Results;

/// <summary>
/// One row of <c>failures.csv</c>: what failed of the requests of one service that arrived in one window, in the trace
/// and in the run.
/// </summary>
public sealed record FailureWindow
{
    /// <summary><c>t_s</c>: where the window starts, in seconds since the start.</summary>
    public required double StartS { get; init; }

    /// <summary><c>service</c>: the values of the labels of <c>report_by</c>; "all" without such labels.</summary>
    public required string Service { get; init; }

    /// <summary><c>requests</c>: client requests that arrived, those included that failed in the trace.</summary>
    public required long Requests { get; init; }

    /// <summary><c>trace_failed</c>: those of them that failed in the trace, and were not simulated.</summary>
    public long TraceFailed { get; init; }

    /// <summary><c>timed_out</c>: those whose client gave up.</summary>
    public long TimedOut { get; init; }

    /// <summary><c>refused</c>: those that were turned away, as by a full queue.</summary>
    public long Refused { get; init; }

    /// <summary><c>lost</c>: those that a fault took.</summary>
    public long Lost { get; init; }

    /// <summary><c>preempted</c>: those that lost their KV while they ran, failed or not.</summary>
    public long Preempted { get; init; }

    /// <summary>Requests that were simulated.</summary>
    public long Simulated => Requests - TraceFailed;

    /// <summary>Those of the simulated that failed.</summary>
    public long SimulatedFailed => TimedOut + Refused + Lost;

    /// <summary>The share that failed in the trace; null without requests.</summary>
    public double? TraceShare => Requests > 0 ? (double)TraceFailed / Requests : null;

    /// <summary>The share of the simulated that failed; null without such.</summary>
    public double? SimulatedShare => Simulated > 0 ? (double)SimulatedFailed / Simulated : null;
}
