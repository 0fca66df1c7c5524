namespace ServingSim.Engine.Kv.Eviction;

/// <summary>What an eviction policy is made for.</summary>
/// <param name="TotalBlocks">N, the replica's blocks, the null block 0 included.</param>
/// <param name="UnhashedOrder">Where the engine profile puts freed blocks that hold no full block of tokens.</param>
public sealed record EvictionContext(int TotalBlocks, UnhashedOrder UnhashedOrder);

/// <summary>Where freed blocks without a hash enter the free queue.</summary>
public enum UnhashedOrder
{
    /// <summary>Behind all others (vLLM V1 until 2026-06-16).</summary>
    Tail,

    /// <summary>Before all others (vLLM V1 from then on).</summary>
    Head,
}
