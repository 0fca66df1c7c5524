using System.Numerics;
using ServingSim.Kernel;

namespace ServingSim.Engine.Kv;

/// <summary>
/// Which blocks hold which key. Identical blocks are not merged: a key may stand for several blocks, of which the first
/// registered is found, and evicting one leaves the others (vLLM V1, block_pool.py, 2026-02). Also how many requests
/// use each block.
/// </summary>
/// <remarks>A hash table chained through the blocks, because most look-ups miss the processor's caches.</remarks>
internal sealed class PrefixIndex
{
    private const int None = 0;
    private readonly Entry[] _entries;

    /// <summary>The block registered first among those whose keys share a bucket.</summary>
    private readonly int[] _buckets;

    internal PrefixIndex(int totalBlocks)
    {
        _entries = new Entry[totalBlocks];
        _buckets = new int[BitOperations.RoundUpToPowerOf2(2 * (uint)totalBlocks)];
    }

    /// <summary>How many blocks are registered.</summary>
    internal int Count { get; private set; }

    internal bool IsRegistered(BlockId block) => _entries[block.Index].IsRegistered;

    internal BlockKey KeyOf(BlockId block) => _entries[block.Index].Key;

    /// <summary>How many requests use a block that is or was registered.</summary>
    internal ref int ReferencesTo(BlockId block) => ref _entries[block.Index].References;

    internal bool TryFind(BlockKey key, out BlockId block)
    {
        int index = _buckets[BucketOf(key)];
        while (index != None && _entries[index].Key != key)
        {
            index = _entries[index].Next;
        }

        block = new BlockId(index);
        return index != None;
    }

    internal void Register(BlockId block, BlockKey key)
    {
        Check.That(!IsRegistered(block), $"{block} is registered twice");
        ref int link = ref _buckets[BucketOf(key)];
        while (link != None)
        {
            link = ref _entries[link].Next;
        }

        link = block.Index;
        ref Entry entry = ref _entries[block.Index];
        (entry.Key, entry.Next, entry.IsRegistered) = (key, None, true);
        Count++;
    }

    internal void Unregister(BlockId block)
    {
        ref Entry entry = ref _entries[block.Index];
        Check.That(entry.IsRegistered, $"{block} is not registered");
        ref int link = ref _buckets[BucketOf(entry.Key)];
        while (link != block.Index)
        {
            link = ref _entries[link].Next;
        }

        link = entry.Next;
        entry.IsRegistered = false;
        Count--;
    }

    private int BucketOf(BlockKey key) => (int)(key.Low & (uint)(_buckets.Length - 1));

    private struct Entry
    {
        internal BlockKey Key;
        internal int Next;
        internal int References;
        internal bool IsRegistered;
    }
}
