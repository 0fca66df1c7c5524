using System.Numerics;
using ServingSim.Kernel;

namespace ServingSim.Engine.Kv;

/// <summary>
/// All runs of blocks that are free or registered, and which of them hold which keys. A registered run lies within one
/// stretch and is found by the key of its first block only. Identical blocks are not merged: a key may stand for
/// several runs, of which the first registered is found, and evicting one leaves the others (vLLM V1, block_pool.py,
/// 2026-02).
/// </summary>
/// <remarks>
/// Whoever registers a run of several blocks vouches that no other run holds any of them. So every one of them is the
/// first of its key, a search that comes from the block before meets it inside its run, and where a run is cut the
/// second part goes before all others. A hash table chained through the runs, because most look-ups miss the
/// processor's caches.
/// </remarks>
internal sealed class PrefixIndex
{
    private const int None = 0;
    private readonly Entry[] _entries;

    /// <summary>The run registered first among those whose keys share a bucket.</summary>
    private readonly int[] _buckets;

    /// <summary>Numbers from here on were never used.</summary>
    private int _unused = 1;

    /// <summary>The first of the numbers that are free again.</summary>
    private int _spare;

    internal PrefixIndex(int totalBlocks)
    {
        _entries = new Entry[totalBlocks];
        _buckets = new int[BitOperations.RoundUpToPowerOf2((uint)totalBlocks)];
    }

    /// <summary>How many requests use a run.</summary>
    internal ref int ReferencesTo(int run) => ref _entries[run].References;

    internal int BlocksOf(int run) => _entries[run].Blocks;

    /// <summary>The key of a run's first block; null if it is not registered.</summary>
    internal BlockKey? KeyOf(int run) => _entries[run].IsRegistered ? _entries[run].Key : null;

    /// <summary>The second part of a run that was cut, good as long as a request uses both.</summary>
    internal int RestOf(int run) => _entries[run].Rest;

    /// <summary>The run registered first among those that begin with <paramref name="key"/>.</summary>
    internal bool TryFind(BlockKey key, out int run)
    {
        run = _buckets[BucketOf(key)];
        while (run != None && _entries[run].Key != key)
        {
            run = _entries[run].Next;
        }

        return run != None;
    }

    /// <summary>A run without a key that nobody uses.</summary>
    internal BlockRun Add(int blocks)
    {
        int run = _spare != None ? _spare : _unused++;
        ref Entry entry = ref _entries[run];
        _spare = entry.Next;
        (entry.Blocks, entry.Next, entry.References, entry.IsRegistered) = (blocks, None, 0, false);
        return new BlockRun(run, blocks);
    }

    /// <summary>A run that one request uses, found from now on behind those that begin alike.</summary>
    internal BlockRun Register(BlockKey first, int blocks)
    {
        BlockRun run = Add(blocks);
        ref int link = ref _buckets[BucketOf(first)];
        while (link != None)
        {
            link = ref _entries[link].Next;
        }

        link = run.Number;
        ref Entry entry = ref _entries[run.Number];
        (entry.Key, entry.References, entry.IsRegistered) = (first, 1, true);
        return run;
    }

    /// <summary>Leaves a registered run its first blocks only; the second part has the same users.</summary>
    internal BlockRun Cut(int run, int blocks)
    {
        BlockRun rest = Add(_entries[run].Blocks - blocks);
        ref Entry first = ref _entries[run];
        ref Entry second = ref _entries[rest.Number];
        Check.That(first.IsRegistered && first.Blocks > blocks, $"run {run} has no blocks behind {blocks}");
        BlockKey key = first.Key.Later(blocks);
        ref int bucket = ref _buckets[BucketOf(key)];
        (second.Key, second.Next, second.Rest) = (key, bucket, first.Rest);
        (second.References, second.IsRegistered) = (first.References, true);
        bucket = rest.Number;
        (first.Blocks, first.Rest) = (blocks, rest.Number);
        return rest;
    }

    /// <summary>Takes the last blocks from a run; without blocks its number is free for another.</summary>
    internal void Shorten(BlockRun last)
    {
        ref Entry entry = ref _entries[last.Number];
        Check.That(entry.References == 0, $"run {last.Number} is in use and cannot be evicted");
        entry.Blocks -= last.Blocks;
        if (entry.Blocks == 0)
        {
            if (entry.IsRegistered)
            {
                Unregister(last.Number);
            }

            entry.Next = _spare;
            _spare = last.Number;
        }
    }

    /// <summary>No run has a key any more.</summary>
    internal void Forget()
    {
        Array.Clear(_buckets);
        for (int run = 1; run < _unused; run++)
        {
            _entries[run].IsRegistered = false;
        }
    }

    /// <summary>Tells of every registered run.</summary>
    internal void TellAll(IKvCacheObserver observer)
    {
        for (int run = 1; run < _unused; run++)
        {
            if (_entries[run] is { IsRegistered: true, Blocks: > 0 } entry)
            {
                observer.Stored(entry.Key, entry.Blocks);
            }
        }
    }

    private void Unregister(int run)
    {
        ref int link = ref _buckets[BucketOf(_entries[run].Key)];
        while (link != run)
        {
            link = ref _entries[link].Next;
        }

        link = _entries[run].Next;
    }

    private int BucketOf(BlockKey key) =>
        (int)((key.Low + ((ulong)key.Index * 0x9E3779B97F4A7C15)) & (uint)(_buckets.Length - 1));

    private struct Entry
    {
        internal BlockKey Key;
        internal int Blocks;
        internal int References;
        internal int Next;
        internal int Rest;
        internal bool IsRegistered;
    }
}
