namespace ServingSim.Engine.Kv.Eviction;

/// <summary>
/// vLLM V1's free queue: blocks are given up in the order in which they were released, within one release the end of
/// the sequence first (v1/core/block_pool.py, 2026-02).
/// </summary>
public sealed class LruEviction : IEvictionPolicy
{
    private const int Ends = 0;
    private readonly UnhashedOrder _unhashedOrder;
    private readonly int[] _next;
    private readonly int[] _previous;

    /// <summary>A queue of all blocks in the order of their numbers.</summary>
    public LruEviction(EvictionContext context)
    {
        _unhashedOrder = context.UnhashedOrder;

        // A ring through the null block, whose neighbours are the two ends of the queue
        _next = new int[context.TotalBlocks];
        _previous = new int[context.TotalBlocks];
        for (int block = 0; block < context.TotalBlocks; block++)
        {
            _next[block] = (block + 1) % context.TotalBlocks;
            _previous[_next[block]] = block;
        }
    }

    /// <inheritdoc/>
    public void Freed(BlockRun run, bool hashed)
    {
        int after = !hashed && _unhashedOrder == UnhashedOrder.Head ? Ends : _previous[Ends];
        foreach (BlockId block in run.TailFirst)
        {
            Insert(block.Index, after);
            after = block.Index;
        }
    }

    /// <inheritdoc/>
    public void Reused(BlockRun run)
    {
        foreach (BlockId block in run.TailFirst)
        {
            Remove(block.Index);
        }
    }

    /// <inheritdoc/>
    public void Take(Span<BlockId> taken)
    {
        for (int i = 0; i < taken.Length; i++)
        {
            taken[i] = new BlockId(_next[Ends]);
            Remove(_next[Ends]);
        }
    }

    private void Insert(int block, int after)
    {
        int before = _next[after];
        (_next[after], _previous[block]) = (block, after);
        (_next[block], _previous[before]) = (before, block);
    }

    private void Remove(int block)
    {
        _next[_previous[block]] = _next[block];
        _previous[_next[block]] = _previous[block];
    }
}
