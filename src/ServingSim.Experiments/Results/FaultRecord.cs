namespace ServingSim.Experiments.Results;

/// <summary>One row of <c>faults.csv</c>: a fault of one replica or its links, and what came of it.</summary>
public sealed record FaultRecord
{
    /// <summary><c>fault</c>: its name.</summary>
    public required string Fault { get; init; }

    /// <summary><c>replica</c>: whom it struck.</summary>
    public required string Replica { get; init; }

    /// <summary><c>at_s</c>: when it was known or, without notice, began.</summary>
    public required double AtS { get; init; }

    /// <summary>
    /// <c>noticed_s</c>: how long after that routers stopped sending requests there; empty if they did not.
    /// </summary>
    public double? NoticedS { get; init; }

    /// <summary><c>lasted_s</c>: how long after that it was over; empty if it was not.</summary>
    public double? LastedS { get; init; }

    /// <summary><c>lost_attempts</c>: those that it had, and those that were sent there in vain.</summary>
    public required long LostAttempts { get; init; }

    /// <summary>
    /// <c>lost_tokens</c>: tokens of running requests, and prompt tokens of prefilled ones, whose KV was lost.
    /// </summary>
    public required long LostTokens { get; init; }

    /// <summary>
    /// <c>transfers</c>: those over the links that it struck that were under way when it began, or began while it
    /// lasted.
    /// </summary>
    public long Transfers { get; init; }

    /// <summary>
    /// <c>goodput_back_s</c>: how long after it goodput was back (<see cref="GoodputRecovery"/>); empty if it was not.
    /// </summary>
    public double? GoodputBackS { get; init; }
}
