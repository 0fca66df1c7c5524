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

    private const string AbortedWord = "aborted";
    private const string LostWord = "lost";

    /// <summary>The run ended before it did.</summary>
    public const string Unfinished = "unfinished";

    /// <summary>Refused, and by which rule.</summary>
    public static string Refused(string detail) => "refused:" + detail;

    /// <summary>Its client gave up, and after which wait.</summary>
    public static string Aborted(string detail) => $"{AbortedWord}:{detail}";

    /// <summary>A failure took it, and which.</summary>
    public static string Lost(string detail) => $"{LostWord}:{detail}";

    /// <summary>The outcome that a finish reason belongs to; a word that is none of the above is a bug.</summary>
    public static FinalOutcome OutcomeOf(string finishReason)
    {
        var colon = finishReason.IndexOf(':', StringComparison.Ordinal);
        return (colon < 0 ? finishReason : finishReason[..colon]) switch
        {
            Stop or Length => FinalOutcome.Completed,
            "refused" => FinalOutcome.Refused,
            AbortedWord => FinalOutcome.Aborted,
            LostWord => FinalOutcome.Lost,
            Unfinished => FinalOutcome.Unfinished,
            _ => throw new InvariantException($"'{finishReason}' is no finish reason"),
        };
    }
}
