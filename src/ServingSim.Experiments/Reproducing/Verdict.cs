namespace ServingSim.Experiments.Reproducing;

/// <summary>Whether what a paper shows was found again.</summary>
/// <param name="Kind">Whether.</param>
/// <param name="Reason">Why, in one sentence.</param>
public sealed record Verdict(VerdictKind Kind, string Reason);

/// <summary>Whether what a paper shows was found again.</summary>
public enum VerdictKind
{
    /// <summary>All published numbers were found again within their tolerances.</summary>
    Reproduced,

    /// <summary>Some were not.</summary>
    Differs,

    /// <summary>What the paper shows is known, its numbers are not.</summary>
    NoPublishedNumber,

    /// <summary>The rows that it is made from are not among those given.</summary>
    DataMissing,
}
