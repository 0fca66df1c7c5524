namespace ServingSim.Engine;

/// <summary>
/// A group of requests whose inter-token latencies are counted together: the cohort keeps one count a group, so that a
/// step costs the same for any number of requests.
/// </summary>
/// <param name="Index">0 … <see cref="Limit"/> − 1.</param>
public readonly record struct ItlClass(byte Index)
{
    /// <summary>How many groups there can be.</summary>
    public const int Limit = 16;
}
