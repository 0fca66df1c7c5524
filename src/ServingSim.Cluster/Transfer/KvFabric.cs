using ServingSim.Cluster.Routing;

namespace ServingSim.Cluster.Transfer;

/// <summary>
/// Which ports KV takes from one replica to another: those of a node's links, or those of network cards.
/// </summary>
internal sealed class KvFabric
{
    private readonly Dictionary<ReplicaView, Place> _places = [];

    internal KvFabric(KvNetwork network, NetworkSpec spec, IReadOnlyList<Pool> pools)
    {
        foreach ((int of, int replica, int node) in spec.Lay(
            [.. pools.Select(pool => (pool.Views.Count, pool.GpusPerReplica))]))
        {
            PoolSpec pool = pools[of].Spec;
            long nic = spec.NicBytesPerS * pool.GpusPerReplica;
            long link = pool.LinkBytesPerS * pool.GpusPerReplica;
            _places.Add(pools[of].Views[replica], new Place(
                node,
                network.AddPort(nic),
                network.AddPort(nic),
                network.AddPort(link),
                network.AddPort(link)));
        }
    }

    /// <summary>The ports from one replica to another.</summary>
    internal (KvPort From, KvPort To) Between(ReplicaView from, ReplicaView to)
    {
        (Place source, Place target) = (_places[from], _places[to]);
        return source.Node == target.Node
            ? (source.LinkOut, target.LinkIn)
            : (source.NicOut, target.NicIn);
    }

    /// <summary>The links of a replica, out and in.</summary>
    internal (KvPort Out, KvPort In) PortsOf(ReplicaView view, KvLinks links)
    {
        Place place = _places[view];
        return links == KvLinks.Network ? (place.NicOut, place.NicIn) : (place.LinkOut, place.LinkIn);
    }

    private sealed record Place(int Node, KvPort NicOut, KvPort NicIn, KvPort LinkOut, KvPort LinkIn);
}
