namespace ServingSim.Experiments.Reproducing;

/// <summary>Whether what a paper shows was found again.</summary>
/// <param name="Kind">Whether.</param>
/// <param name="Reason">Why, in one sentence.</param>
public sealed record Verdict(VerdictKind Kind, string Reason);

/// <summary>Whether what a paper shows was found again.</summary>
public enum VerdictKind
{
    /// <summary>
    /// All published numbers that the rows tell, at least half of all, were found again within their tolerances.
    /// </summary>
    Reproduced,

    /// <summary>Some were not.</summary>
    Differs,

    /// <summary>What the paper shows is known, its numbers are not.</summary>
    NoPublishedNumber,

    /// <summary>The rows of most of its numbers are not among those given, and no number is found to differ.</summary>
    DataMissing,
}
