namespace ServingSim.Kernel;

/// <summary>
/// All chance of a run. A draw is a pure function of (seed, stream name, path of integers), so that two scenarios that
/// differ in one part share all other draws (common random numbers), and streams can be drawn in any order.
/// </summary>
/// <param name="seed">The scenario's seed.</param>
public sealed class RandomStreams(long seed)
{
    /// <summary>The seed that every stream is keyed with.</summary>
    public long Seed { get; } = seed;

    /// <summary>The stream of one purpose, named for it: "arrivals", "prompt-lengths".</summary>
    public RandomStream Stream(string name)
    {
        ulong key = Mixing.Mix((ulong)Seed + Mixing.GoldenGamma);
        foreach (char c in name)
        {
            key = Mixing.Combine(key, c);
        }

        return new RandomStream(key);
    }
}

/// <summary>
/// One purpose's chance: a generator for every item, named by a path of integers (row, session and turn, …).
/// </summary>
public readonly struct RandomStream
{
    private readonly ulong _key;

    internal RandomStream(ulong key) => _key = key;

    /// <summary>The draws of item <paramref name="index"/>, always the same.</summary>
    public Draws At(long index) => new(Mixing.Combine(_key, (ulong)index));

    /// <summary>The draws of item (<paramref name="first"/>, <paramref name="second"/>), always the same.</summary>
    public Draws At(long first, long second) =>
        new(Mixing.Combine(Mixing.Combine(_key, (ulong)first), (ulong)second));
}
