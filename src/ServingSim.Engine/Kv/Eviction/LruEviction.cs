namespace ServingSim.Engine.Kv.Eviction;

/// <summary>
/// vLLM V1's free queue: blocks are given up in the order in which they were released, within one release the end of
/// the sequence first (v1/core/block_pool.py, 2026-02).
/// </summary>
public sealed class LruEviction : IEvictionPolicy
{
    private const int Ends = 0;
    private readonly UnhashedOrder _unhashedOrder;
    private readonly Links[] _links;

    /// <summary>A queue of all blocks in the order of their numbers.</summary>
    public LruEviction(EvictionContext context)
    {
        _unhashedOrder = context.UnhashedOrder;

        // A ring through the null block, whose neighbours are the two ends of the queue
        _links = new Links[context.TotalBlocks];
        for (int block = 0; block < context.TotalBlocks; block++)
        {
            int next = (block + 1) % context.TotalBlocks;
            _links[block].Next = next;
            _links[next].Previous = block;
        }
    }

    /// <inheritdoc/>
    public void Freed(BlockRun run, bool hashed)
    {
        int after = !hashed && _unhashedOrder == UnhashedOrder.Head ? Ends : _links[Ends].Previous;
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
            taken[i] = new BlockId(_links[Ends].Next);
            Remove(_links[Ends].Next);
        }
    }

    private void Insert(int block, int after)
    {
        int before = _links[after].Next;
        _links[block] = new Links { Next = before, Previous = after };
        (_links[after].Next, _links[before].Previous) = (block, block);
    }

    private void Remove(int block)
    {
        Links links = _links[block];
        (_links[links.Previous].Next, _links[links.Next].Previous) = (links.Next, links.Previous);
    }

    private struct Links
    {
        internal int Next;
        internal int Previous;
    }
}
