namespace ServingSim.Experiments.Results;

/// <summary>
/// What became of a client request; each has exactly one outcome, so the counts add up to what arrived.
/// </summary>
public enum FinalOutcome
{
    /// <summary>All its tokens were generated.</summary>
    Completed,

    /// <summary>It was turned away; no replica began it.</summary>
    Refused,

    /// <summary>Its client gave up.</summary>
    Aborted,

    /// <summary>A failure took it.</summary>
    Lost,

    /// <summary>The run ended before it did.</summary>
    Unfinished,
}
