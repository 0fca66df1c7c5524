using System.Numerics;
using System.Runtime.InteropServices;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// Which replicas hold which blocks, told by the blocks' keys, each of which stands for all tokens up to its block's
/// end: one look at a block tells of all replicas, so that a search costs what the prompt is and hardly what the fleet
/// is.
/// </summary>
internal sealed class PrefixHolders
{
    private const int WordBits = 64;
    private readonly Dictionary<ulong, Set> _holders = [];
    private ulong[] _still = [];
    private int[] _found = [];

    /// <summary>Pairs of a block and a replica that holds it.</summary>
    internal long Count { get; private set; }

    /// <summary>A replica holds a block now; false if it did before.</summary>
    internal bool Add(ulong block, int replica)
    {
        ref Set set = ref CollectionsMarshal.GetValueRefOrAddDefault(_holders, block, out bool isKnown);
        if (!isKnown)
        {
            set.Only = replica;
        }
        else if (!set.TryAdd(replica))
        {
            return false;
        }

        set.Count++;
        Count++;
        if (replica >= _found.Length)
        {
            _still = new ulong[(replica / WordBits) + 1];
            _found = new int[_still.Length * WordBits];
        }

        return true;
    }

    /// <summary>A replica, which held a block, does so no more.</summary>
    internal void Remove(ulong block, int replica)
    {
        ref Set set = ref CollectionsMarshal.GetValueRefOrNullRef(_holders, block);
        Check.That(Has(block, replica), $"replica {replica} does not hold block {block}");
        Count--;
        if (--set.Count == 0)
        {
            _holders.Remove(block);
            return;
        }

        set.Several![replica / WordBits] &= ~(1UL << replica);
    }

    /// <summary>Whether a replica holds a block.</summary>
    internal bool Has(ulong block, int replica) => _holders.TryGetValue(block, out Set set) && set.Has(replica);

    /// <summary>
    /// How many blocks each replica holds from the first on without a gap, by the replica's number; good until the next
    /// search. Replicas past its end hold none.
    /// </summary>
    internal ReadOnlySpan<int> CountFromFirst(ReadOnlySpan<ulong> blocks)
    {
        Array.Clear(_found);
        _still.AsSpan().Fill(ulong.MaxValue);
        int block = 0;
        for (bool any = true; any && block < blocks.Length; block++)
        {
            bool isHeld = _holders.TryGetValue(blocks[block], out Set set);
            any = false;
            for (int word = 0; word < _still.Length; word++)
            {
                ulong holding = isHeld ? _still[word] & set.Word(word) : 0;
                Note(word, block == 0 ? 0 : _still[word] & ~holding, block);
                _still[word] = holding;
                any |= holding != 0;
            }
        }

        for (int word = 0; word < _still.Length && blocks.Length > 0; word++)
        {
            Note(word, _still[word], block);
        }

        return _found;
    }

    /// <summary>How many blocks a replica holds from the first on without a gap.</summary>
    internal int CountFromFirst(ReadOnlySpan<ulong> blocks, int replica)
    {
        int held = 0;
        while (held < blocks.Length && Has(blocks[held], replica))
        {
            held++;
        }

        return held;
    }

    /// <summary>
    /// How many blocks each replica holds of those before the first that nobody holds, gaps or not; as for
    /// <see cref="CountFromFirst(ReadOnlySpan{ulong})"/>.
    /// </summary>
    internal ReadOnlySpan<int> CountWhileAnyHolds(ReadOnlySpan<ulong> blocks)
    {
        Array.Clear(_found);
        foreach (ulong block in blocks)
        {
            if (!_holders.TryGetValue(block, out Set set))
            {
                break;
            }

            if (set.Several is null)
            {
                _found[set.Only]++;
                continue;
            }

            for (int word = 0; word < set.Several.Length; word++)
            {
                for (ulong left = set.Several[word]; left != 0; left &= left - 1)
                {
                    _found[(word * WordBits) + BitOperations.TrailingZeroCount(left)]++;
                }
            }
        }

        return _found;
    }

    /// <summary>The same for one replica.</summary>
    internal int CountWhileAnyHolds(ReadOnlySpan<ulong> blocks, int replica)
    {
        int held = 0;
        foreach (ulong block in blocks)
        {
            if (!_holders.TryGetValue(block, out Set set))
            {
                break;
            }

            held += set.Has(replica) ? 1 : 0;
        }

        return held;
    }

    private void Note(int word, ulong replicas, int blocks)
    {
        for (; replicas != 0; replicas &= replicas - 1)
        {
            _found[(word * WordBits) + BitOperations.TrailingZeroCount(replicas)] = blocks;
        }
    }

    /// <summary>Replicas, at least one: most blocks have a single holder, which needs no array.</summary>
    private struct Set
    {
        internal int Only;
        internal int Count;
        internal ulong[]? Several;

        internal readonly bool Has(int replica) => Several is null
            ? Only == replica
            : (Word(replica / WordBits) >> replica & 1) == 1;

        internal readonly ulong Word(int word) => Several is null
            ? Only / WordBits == word ? 1UL << Only : 0
            : word < Several.Length ? Several[word] : 0;

        internal bool TryAdd(int replica)
        {
            if (Has(replica))
            {
                return false;
            }

            int words = (Math.Max(replica, Only) / WordBits) + 1;
            if (Several is null)
            {
                Several = new ulong[words];
                Several[Only / WordBits] = 1UL << Only;
            }
            else if (words > Several.Length)
            {
                Array.Resize(ref Several, words);
            }

            Several[replica / WordBits] |= 1UL << replica;
            return true;
        }
    }
}
