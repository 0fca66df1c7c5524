using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// The words of the column <c>finish_reason</c>; a detail may follow a colon, as in "refused:too_long".
/// </summary>
public static class FinishReason
{
    /// <summary>Completed: the model ended its output.</summary>
    public const string Stop = "stop";

    /// <summary>Completed: the output reached its limit.</summary>
    public const string Length = "length";

    /// <summary>Refused because no replica could ever hold it.</summary>
    public const string TooLong = "refused:too_long";

    /// <summary>Its client gave up.</summary>
    public const string Aborted = "aborted";

    /// <summary>A failure took it.</summary>
    public const string Lost = "lost";

    /// <summary>The run ended before it did.</summary>
    public const string Unfinished = "unfinished";

    /// <summary>Refused, and by which rule.</summary>
    public static string Refused(string detail) => "refused:" + detail;

    /// <summary>The outcome that a finish reason belongs to; a word that is none of the above is a bug.</summary>
    public static FinalOutcome OutcomeOf(string finishReason)
    {
        var colon = finishReason.IndexOf(':', StringComparison.Ordinal);
        return (colon < 0 ? finishReason : finishReason[..colon]) switch
        {
            Stop or Length => FinalOutcome.Completed,
            "refused" => FinalOutcome.Refused,
            Aborted => FinalOutcome.Aborted,
            Lost => FinalOutcome.Lost,
            Unfinished => FinalOutcome.Unfinished,
            _ => throw new InvariantException($"'{finishReason}' is no finish reason"),
        };
    }
}
