namespace ServingSim.Engine.Kv;

/// <summary>
/// What a full block holds, as vLLM's block hash: 128 bits over all tokens from the beginning of the sequence to the
/// end of the first block of its stretch (adjacent blocks that hold one token stream and nothing else), and which block
/// of the stretch it is. Two blocks with the same key are interchangeable.
/// </summary>
/// <param name="High">The upper half of the bits.</param>
/// <param name="Low">The lower half of the bits.</param>
/// <param name="Index">Which block of the stretch, from 0.</param>
public readonly record struct BlockKey(ulong High, ulong Low, int Index)
{
    /// <summary>The key of the block that stands <paramref name="blocks"/> blocks later in the same stretch.</summary>
    public BlockKey Later(int blocks) => this with { Index = Index + blocks };
}
