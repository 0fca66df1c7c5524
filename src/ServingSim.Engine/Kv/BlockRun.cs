namespace ServingSim.Engine.Kv;

/// <summary>
/// Blocks of one request's chain, the end of the sequence first, the order in which vLLM releases them.
/// </summary>
/// <param name="blocks">The blocks, last of the sequence first.</param>
public readonly ref struct BlockRun(ReadOnlySpan<BlockId> blocks)
{
    /// <summary>The blocks, last of the sequence first.</summary>
    public ReadOnlySpan<BlockId> TailFirst { get; } = blocks;
}
