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
        int gpu = 0;
        foreach (ReplicaView view in InOrder(pools, spec.Placement))
        {
            PoolSpec pool = view.Pool.Spec;
            int left = spec.GpusPerNode - (gpu % spec.GpusPerNode);
            gpu += left < Math.Min(pool.Gpus, spec.GpusPerNode) ? left : 0;
            long nic = spec.NicBytesPerS * pool.Gpus;
            long link = pool.LinkBytesPerS * pool.Gpus;
            _places.Add(view, new Place(
                gpu / spec.GpusPerNode,
                network.AddPort(nic),
                network.AddPort(nic),
                network.AddPort(link),
                network.AddPort(link)));
            gpu += pool.Gpus;
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

    /// <summary>The network cards of a replica, out and in.</summary>
    internal (KvPort Out, KvPort In) NicsOf(ReplicaView view) => (_places[view].NicOut, _places[view].NicIn);

    private static IEnumerable<ReplicaView> InOrder(IReadOnlyList<Pool> pools, KvPlacement placement) =>
        placement == KvPlacement.ByPool
            ? pools.SelectMany(pool => pool.Views)
            : Enumerable.Range(0, pools.Max(pool => pool.Views.Count))
                .SelectMany(i => pools.Where(pool => i < pool.Views.Count).Select(pool => pool.Views[i]));

    private sealed record Place(int Node, KvPort NicOut, KvPort NicIn, KvPort LinkOut, KvPort LinkIn);
}
