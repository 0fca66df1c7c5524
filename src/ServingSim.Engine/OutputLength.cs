using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// How many tokens a request will generate. A workload knows it and a replica finds out; whoever stands between
/// (routers, admission) passes it on and cannot read it, as no real router could.
/// </summary>
public readonly struct OutputLength
{
    private OutputLength(int tokens) => Tokens = tokens;

    internal int Tokens { get; }

    /// <summary>Whether more would follow that are another leg's.</summary>
    internal bool GoesOn { get; private init; }

    /// <summary>An output of <paramref name="tokens"/> tokens, at least one.</summary>
    public static OutputLength Of(int tokens)
    {
        Check.That(tokens >= 1, $"an output of {tokens} tokens");
        return new OutputLength(tokens);
    }

    /// <summary>The leg that ends with the first token, as a prefill replica's does.</summary>
    public static OutputLength FirstTokenOf(OutputLength whole) => new(1) { GoesOn = whole.Tokens > 1 };
}
