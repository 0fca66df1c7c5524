using ServingSim.Kernel;

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
            if (LabelText.Has(labels, entry.Label, entry.Value))
            {
                return entry.Target;
            }
        }

        return Overall;
    }

    /// <summary>
    /// Whether a request met its limits: false if it was refused, aborted or lost; null if it has no limits. Of those
    /// that the run's end (<paramref name="now"/>) cut off, false where a limit was exceeded by then, else null.
    /// </summary>
    public bool? Judge(string labels, FinalOutcome outcome, in RequestTimes times, long outputTokens, SimTime now)
    {
        if (For(labels) is not { } target)
        {
            return null;
        }

        return outcome switch
        {
            FinalOutcome.Completed => target.IsMetBy(times, outputTokens),
            FinalOutcome.Unfinished => target.CanStillBeMetBy(times, now) ? null : false,
            _ => false,
        };
    }
}
