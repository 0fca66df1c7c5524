namespace ServingSim.Experiments.Results;

/// <summary>
/// Which limits a request is held to: those of the first <see cref="LabelSlo"/> that matches its labels, else those for
/// all, else none.
/// </summary>
/// <param name="Overall">Limits for requests that no label entry matches; null for none.</param>
/// <param name="ByLabel">Limits for some labels, first match first.</param>
public sealed record SloTargets(SloTarget? Overall, IReadOnlyList<LabelSlo> ByLabel)
{
    /// <summary>No limits at all.</summary>
    public static SloTargets None { get; } = new(null, []);

    /// <summary>
    /// The limits for requests with these labels, as in "model=GPT-4;service=api"; null if there are none.
    /// </summary>
    public SloTarget? For(string labels)
    {
        foreach (var entry in ByLabel)
        {
            if (LabelText.ValueOf(labels, entry.Label) == entry.Value)
            {
                return entry.Target;
            }
        }

        return Overall;
    }

    /// <summary>
    /// Whether a request met its limits: false if it was refused, aborted or lost; null if it has no limits or the run
    /// ended before it did.
    /// </summary>
    public bool? Judge(string labels, FinalOutcome outcome, in RequestTimes times, long outputTokens)
    {
        if (outcome == FinalOutcome.Unfinished || For(labels) is not { } target)
        {
            return null;
        }

        return outcome == FinalOutcome.Completed && target.IsMetBy(times, outputTokens);
    }
}
