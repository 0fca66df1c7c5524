namespace ServingSim.Kernel;

/// <summary>
/// Mixing of 64-bit words (the finaliser of SplitMix64, variant 13 of D. Stafford): the same everywhere.
/// </summary>
public static class Mixing
{
    internal const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    /// <summary>A word whose every bit depends on every bit of <paramref name="z"/>; a bijection.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A key for (<paramref name="key"/>, <paramref name="word"/>); the order of combining matters.</summary>
    public static ulong Combine(ulong key, ulong word) => Mix(Mix(key + GoldenGamma) ^ ((word * GoldenGamma) + key));
}
