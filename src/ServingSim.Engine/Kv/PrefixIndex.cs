using ServingSim.Kernel;

namespace ServingSim.Engine.Kv;

/// <summary>
/// Which blocks hold which key. Identical blocks are not merged: a key may stand for several blocks, of which the first
/// registered is found, and evicting one leaves the others (vLLM V1, block_pool.py, 2026-02).
/// </summary>
internal sealed class PrefixIndex
{
    private const int None = 0;
    private readonly Dictionary<BlockKey, int> _first = [];
    private readonly int[] _nextDuplicate;
    private readonly BlockKey[] _keys;
    private readonly bool[] _registered;

    internal PrefixIndex(int totalBlocks)
    {
        _nextDuplicate = new int[totalBlocks];
        _keys = new BlockKey[totalBlocks];
        _registered = new bool[totalBlocks];
    }

    /// <summary>How many blocks are registered.</summary>
    internal int Count { get; private set; }

    internal bool IsRegistered(BlockId block) => _registered[block.Index];

    internal BlockKey KeyOf(BlockId block) => _keys[block.Index];

    internal bool TryFind(BlockKey key, out BlockId block)
    {
        bool found = _first.TryGetValue(key, out int index);
        block = new BlockId(index);
        return found;
    }

    internal void Register(BlockId block, BlockKey key)
    {
        Check.That(!IsRegistered(block), $"{block} is registered twice");
        (_keys[block.Index], _registered[block.Index]) = (key, true);
        Count++;
        if (_first.TryAdd(key, block.Index))
        {
            return;
        }

        int last = _first[key];
        while (_nextDuplicate[last] != None)
        {
            last = _nextDuplicate[last];
        }

        _nextDuplicate[last] = block.Index;
    }

    internal void Unregister(BlockId block)
    {
        Check.That(IsRegistered(block), $"{block} is not registered");
        BlockKey key = _keys[block.Index];
        int next = _nextDuplicate[block.Index];
        int first = _first[key];
        if (first != block.Index)
        {
            int before = first;
            while (_nextDuplicate[before] != block.Index)
            {
                before = _nextDuplicate[before];
            }

            _nextDuplicate[before] = next;
        }
        else if (next != None)
        {
            _first[key] = next;
        }
        else
        {
            _first.Remove(key);
        }

        (_registered[block.Index], _nextDuplicate[block.Index]) = (false, None);
        Count--;
    }
}
