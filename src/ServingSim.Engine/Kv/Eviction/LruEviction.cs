namespace ServingSim.Engine.Kv.Eviction;

/// <summary>
/// vLLM V1's free queue: blocks are given up in the order in which they were released, within one release the end of
/// the sequence first (v1/core/block_pool.py, 2026-02). It is kept as runs of blocks, so that what it costs follows the
/// number of runs.
/// </summary>
public sealed class LruEviction : IEvictionPolicy
{
    /// <summary>No run has this number: it stands before the first and behind the last.</summary>
    private const int Ends = 0;

    private readonly UnhashedOrder _unhashedOrder;

    /// <summary>The queue as a doubly linked list, each run in the place of its number.</summary>
    private readonly Node[] _nodes;

    /// <summary>An empty queue.</summary>
    public LruEviction(EvictionContext context)
    {
        _unhashedOrder = context.UnhashedOrder;
        _nodes = new Node[context.TotalBlocks];
    }

    /// <inheritdoc/>
    public void Freed(BlockRun run, BlockKey? first)
    {
        bool atHead = first is null && _unhashedOrder == UnhashedOrder.Head;
        InsertBefore(atHead ? _nodes[Ends].Next : Ends, run);
    }

    /// <inheritdoc/>
    public void Reused(BlockRun run) => Remove(run.Number);

    /// <inheritdoc/>
    public void Cut(BlockRun first, BlockRun rest)
    {
        _nodes[first.Number].Blocks = first.Blocks;
        InsertBefore(first.Number, rest);
    }

    /// <inheritdoc/>
    public BlockRun Take(int atMost)
    {
        int run = _nodes[Ends].Next;
        ref int blocks = ref _nodes[run].Blocks;
        int taken = Math.Min(blocks, atMost);
        blocks -= taken;
        if (blocks == 0)
        {
            Remove(run);
        }

        return new BlockRun(run, taken);
    }

    private void InsertBefore(int next, BlockRun run)
    {
        int previous = _nodes[next].Previous;
        _nodes[run.Number] = new Node { Blocks = run.Blocks, Previous = previous, Next = next };
        _nodes[previous].Next = run.Number;
        _nodes[next].Previous = run.Number;
    }

    private void Remove(int run)
    {
        Node node = _nodes[run];
        _nodes[node.Previous].Next = node.Next;
        _nodes[node.Next].Previous = node.Previous;
    }

    private struct Node
    {
        internal int Blocks;
        internal int Previous;
        internal int Next;
    }
}
