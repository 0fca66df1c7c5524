using System.Runtime.InteropServices;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// A router's memory of the blocks that it sent to one replica, of which those sent longest ago are forgotten: a ring,
/// linked through an array.
/// </summary>
/// <param name="holders">What is kept of all replicas.</param>
/// <param name="replica">Which replica.</param>
/// <param name="capacity">How many blocks are remembered, at least one.</param>
internal sealed class BlockMemory(PrefixHolders holders, int replica, int capacity)
{
    private const int Ring = 0;
    private readonly Dictionary<ulong, int> _places = [];
    private readonly List<Link> _links = [default];

    /// <summary>The memory of one replica, which is cleared whenever that leaves.</summary>
    internal static BlockMemory Of(
        ReplicaView replica, Dictionary<int, BlockMemory> memories, PrefixHolders holders, int capacity)
    {
        if (!memories.TryGetValue(replica.Index, out BlockMemory? memory))
        {
            memories.Add(replica.Index, memory = new BlockMemory(holders, replica.Index, capacity));
            replica.Left += memory.Clear;
        }

        return memory;
    }

    /// <summary>A block is sent there.</summary>
    internal void Add(ulong block)
    {
        if (_places.TryGetValue(block, out int place))
        {
            Unlink(place);
        }
        else
        {
            place = _links.Count <= capacity ? NewPlace() : ForgetOldest();
            _links[place] = new Link { Block = block };
            _places.Add(block, place);
            holders.Add(block, replica);
        }

        Append(place);
    }

    /// <summary>Forgets all.</summary>
    internal void Clear()
    {
        foreach (ulong block in _places.Keys)
        {
            holders.Remove(block, replica);
        }

        _places.Clear();
        _links.Clear();
        _links.Add(default);
    }

    private int NewPlace()
    {
        _links.Add(default);
        return _links.Count - 1;
    }

    /// <summary>Frees the place of the block that was sent longest ago.</summary>
    private int ForgetOldest()
    {
        int oldest = _links[Ring].Next;
        Unlink(oldest);
        _places.Remove(_links[oldest].Block);
        holders.Remove(_links[oldest].Block, replica);
        return oldest;
    }

    private void Unlink(int place)
    {
        Span<Link> links = CollectionsMarshal.AsSpan(_links);
        Link link = links[place];
        (links[link.Last].Next, links[link.Next].Last) = (link.Next, link.Last);
    }

    private void Append(int place)
    {
        Span<Link> links = CollectionsMarshal.AsSpan(_links);
        int newest = links[Ring].Last;
        (links[place].Last, links[place].Next) = (newest, Ring);
        (links[newest].Next, links[Ring].Last) = (place, place);
    }

    private struct Link
    {
        internal ulong Block;
        internal int Last;
        internal int Next;
    }
}
