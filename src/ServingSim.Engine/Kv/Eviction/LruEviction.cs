using System.Numerics;

namespace ServingSim.Engine.Kv.Eviction;

/// <summary>
/// vLLM V1's free queue: blocks are given up in the order in which they were released, within one release the end of
/// the sequence first (v1/core/block_pool.py, 2026-02).
/// </summary>
/// <remarks>
/// A ring in which blocks that were hit leave gaps: giving up many reads memory in order, where a linked list would
/// wait for each block's neighbour.
/// </remarks>
public sealed class LruEviction : IEvictionPolicy
{
    /// <summary>The null block, which is never free, stands for a gap.</summary>
    private const int Gap = 0;

    private readonly UnhashedOrder _unhashedOrder;

    /// <summary>Blocks and gaps; its length is a power of two, at least twice the number of blocks.</summary>
    private readonly int[] _ring;

    /// <summary>Where each free block stands in the ring.</summary>
    private readonly int[] _places;

    private int _first;
    private int _length;

    /// <summary>A queue of all blocks in the order of their numbers.</summary>
    public LruEviction(EvictionContext context)
    {
        _unhashedOrder = context.UnhashedOrder;
        _ring = new int[BitOperations.RoundUpToPowerOf2(2 * (uint)context.TotalBlocks)];
        _places = new int[context.TotalBlocks];
        for (int block = 1; block < context.TotalBlocks; block++)
        {
            Put(_length++, block);
        }
    }

    /// <inheritdoc/>
    public void Freed(BlockRun run, bool hashed)
    {
        ReadOnlySpan<BlockId> blocks = run.TailFirst;
        if (_length + blocks.Length > _ring.Length)
        {
            CloseGaps();
        }

        bool atHead = !hashed && _unhashedOrder == UnhashedOrder.Head;
        _first = atHead ? (_first - blocks.Length) & (_ring.Length - 1) : _first;
        int from = atHead ? 0 : _length;
        _length += blocks.Length;
        for (int i = 0; i < blocks.Length; i++)
        {
            Put(from + i, blocks[i].Index);
        }
    }

    /// <inheritdoc/>
    public void Reused(BlockRun run)
    {
        foreach (BlockId block in run.TailFirst)
        {
            _ring[_places[block.Index]] = Gap;
        }
    }

    /// <inheritdoc/>
    public void Take(Span<BlockId> taken)
    {
        for (int i = 0; i < taken.Length;)
        {
            int block = _ring[_first];
            _first = (_first + 1) & (_ring.Length - 1);
            _length--;
            if (block != Gap)
            {
                taken[i++] = new BlockId(block);
            }
        }
    }

    private void Put(int at, int block)
    {
        int place = (_first + at) & (_ring.Length - 1);
        (_ring[place], _places[block]) = (block, place);
    }

    private void CloseGaps()
    {
        int kept = 0;
        for (int i = 0; i < _length; i++)
        {
            int block = _ring[(_first + i) & (_ring.Length - 1)];
            if (block != Gap)
            {
                Put(kept++, block);
            }
        }

        _length = kept;
    }
}
