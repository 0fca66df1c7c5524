namespace ServingSim.Tests.Oracle;

/// <summary>
/// vLLM V1's block manager, literally: integer block ids, one free queue, blocks registered for prefix hits when they
/// are scheduled full, eviction by reallocation (v1/core/kv_cache_manager.py and block_pool.py).
/// </summary>
internal sealed class OracleKv
{
    private readonly OracleConfig _config;
    private readonly LinkedList<int> _free;
    private readonly int[] _references;
    private readonly int?[] _prefixOf;
    private readonly Dictionary<int, List<int>> _blocksOf = [];
    private readonly PrefixNames? _names;
    private bool _caches;

    public OracleKv(OracleConfig config)
    {
        _config = config;
        _free = new LinkedList<int>(Enumerable.Range(1, config.NumGpuBlocks - 1));
        _references = new int[config.NumGpuBlocks];
        _prefixOf = new int?[config.NumGpuBlocks];
        _names = config.EnablePrefixCaching ? new PrefixNames() : null;
        _caches = config.EnablePrefixCaching;
    }

    public int BlockSize => _config.BlockSize;

    public int FreeBlocks => _free.Count;

    public int UsedBlocks => _config.NumGpuBlocks - 1 - _free.Count;

    /// <summary>The free blocks from the front, which is taken next, to the back.</summary>
    public IEnumerable<int> FreeQueue => _free;

    /// <summary>How many registered blocks were taken for other tokens.</summary>
    public long Evictions { get; private set; }

    /// <summary>How many blocks were registered while another held the same tokens.</summary>
    public long Duplicates { get; private set; }

    public bool IsRegistered(int block) => _prefixOf[block] is not null;

    public int ReferencesTo(int block) => _references[block];

    /// <summary>A request as this block manager wants it: with prefix identities if it caches prefixes.</summary>
    public OracleSequence Sequence(OracleRequest request) => new(request, _names);

    /// <summary>The cached blocks of the longest known prefix, leaving at least one token to compute.</summary>
    public List<int> CachedBlocks(OracleSequence sequence)
    {
        List<int> hits = [];
        if (_config.EnablePrefixCaching)
        {
            int most = (sequence.KnownTokens - 1) / _config.BlockSize;
            while (hits.Count < most && _blocksOf.TryGetValue(PrefixAt(sequence, hits.Count), out List<int>? blocks))
            {
                hits.Add(blocks[0]);
            }
        }

        return hits;
    }

    /// <summary>Whether all known tokens of a waiting request fit, with blocks to spare.</summary>
    public bool FitsWhole(OracleSequence sequence, List<int> hits, int spare)
    {
        int tokens = Math.Min(sequence.KnownTokens, _config.MaxModelLen);
        return BlocksNeeded(sequence, hits, tokens) + spare <= FreeBlocks;
    }

    /// <summary>
    /// Gives a request the blocks for its computed tokens, its hits and new tokens. When they are not free, or would
    /// not leave the spare ones free, nothing changes.
    /// </summary>
    public bool TryAllocate(OracleSequence sequence, List<int> hits, int newTokens, int spare = 0)
    {
        int done = sequence.ComputedTokens + (hits.Count * _config.BlockSize);
        int needed = BlocksNeeded(sequence, hits, Math.Min(done + newTokens, _config.MaxModelLen));
        if (needed + spare > FreeBlocks)
        {
            return false;
        }

        foreach (int block in hits)
        {
            if (_references[block] == 0)
            {
                _free.Remove(block);
            }

            _references[block]++;
            sequence.Blocks.Add(block);
            needed -= _references[block] == 1 ? 1 : 0;
        }

        for (; needed > 0; needed--)
        {
            sequence.Blocks.Add(TakeFirst());
        }

        if (_caches)
        {
            RegisterFull(sequence, Math.Min(done + newTokens, sequence.KnownTokens) / _config.BlockSize);
        }

        return true;
    }

    /// <summary>
    /// Gives a request its hits and empty blocks for the rest of its prompt; nothing is registered. Blocks that others
    /// are still to take must stay free.
    /// </summary>
    public bool TryReserve(OracleSequence sequence, List<int> hits, int tokens, int others)
    {
        bool caches = _caches;
        if (BlocksNeeded(sequence, hits, tokens) + others > FreeBlocks)
        {
            return false;
        }

        _caches = false;
        TryAllocate(sequence, hits, tokens - (hits.Count * _config.BlockSize));
        _caches = caches;
        return true;
    }

    /// <summary>Forgets what all blocks held; all are free.</summary>
    public void Forget()
    {
        Array.Clear(_prefixOf);
        _blocksOf.Clear();
    }

    /// <summary>Registers the blocks filled by the first so many tokens of a request, which are known by now.</summary>
    public void Cache(OracleSequence sequence, int tokens)
    {
        if (_config.EnablePrefixCaching)
        {
            RegisterFull(sequence, tokens / _config.BlockSize);
        }
    }

    /// <summary>Releases all blocks of a request, the tail of the sequence first.</summary>
    public void Free(OracleSequence sequence)
    {
        List<int> unused = [];
        foreach (int block in sequence.Blocks.AsEnumerable().Reverse())
        {
            _references[block]--;
            if (_references[block] == 0)
            {
                unused.Add(block);
            }
        }

        sequence.Blocks.Clear();
        if (_config.Profile == OracleProfile.VllmV1)
        {
            unused.ForEach(block => _free.AddLast(block));
            return;
        }

        List<int> head = unused.FindAll(block => !IsRegistered(block));
        head.Reverse();
        head.ForEach(block => _free.AddFirst(block));
        unused.FindAll(IsRegistered).ForEach(block => _free.AddLast(block));
    }

    private int BlocksNeeded(OracleSequence sequence, List<int> hits, int tokens)
    {
        int all = (tokens + _config.BlockSize - 1) / _config.BlockSize;
        int missing = Math.Max(0, all - hits.Count - sequence.Blocks.Count);
        return missing + hits.Count(block => _references[block] == 0);
    }

    private int TakeFirst()
    {
        int block = _free.First!.Value;
        _free.RemoveFirst();
        _references[block] = 1;
        if (_prefixOf[block] is int prefix)
        {
            List<int> same = _blocksOf[prefix];
            same.Remove(block);
            if (same.Count == 0)
            {
                _blocksOf.Remove(prefix);
            }

            _prefixOf[block] = null;
            Evictions++;
        }

        return block;
    }

    private void RegisterFull(OracleSequence sequence, int fullBlocks)
    {
        for (int i = 0; i < fullBlocks; i++)
        {
            int block = sequence.Blocks[i];
            if (!IsRegistered(block))
            {
                int prefix = PrefixAt(sequence, i);
                _prefixOf[block] = prefix;
                if (!_blocksOf.TryGetValue(prefix, out List<int>? same))
                {
                    _blocksOf.Add(prefix, same = []);
                }

                Duplicates += same.Count > 0 ? 1 : 0;
                same.Add(block);
            }
        }
    }

    private int PrefixAt(OracleSequence sequence, int index) =>
        sequence.Prefixes[((index + 1) * _config.BlockSize) - 1];
}
