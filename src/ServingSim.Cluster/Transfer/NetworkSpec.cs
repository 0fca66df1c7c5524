using ServingSim.Kernel;

namespace ServingSim.Cluster.Transfer;

/// <summary>
/// What KV is moved over between replicas: each GPU has a network card of its own, and a replica's cards move its
/// shards side by side; GPUs of one node are connected by their own links (NVLink).
/// </summary>
/// <param name="NicGbPerS">
/// What a GPU's network card moves in one direction, in 10^9 bytes a second; 50 is a 400 Gb/s card, as in DGX H100.
/// </param>
/// <param name="LatencyUs">From the wish to read KV to its first byte: the handshake, in µs.</param>
/// <param name="GpusPerNode">GPUs in a node.</param>
/// <param name="Placement">How the replicas are laid on nodes.</param>
public sealed record NetworkSpec(
    double NicGbPerS = 50, double LatencyUs = 100, int GpusPerNode = 8, KvPlacement Placement = KvPlacement.ByPool)
    : IValidated
{
    internal long NicBytesPerS => (long)(NicGbPerS * 1e9);

    internal SimTime Latency => SimTime.FromSeconds(LatencyUs * 1e-6);

    /// <summary>
    /// Lays the replicas of pools on nodes; in order, the place of each pool, that of the replica in it, and its first
    /// node.
    /// </summary>
    public IEnumerable<(int Pool, int Replica, int Node)> Lay(IReadOnlyList<(int Replicas, int Gpus)> pools)
    {
        int gpu = 0;
        foreach ((int pool, int replica) in InOrder(pools))
        {
            int gpus = pools[pool].Gpus;
            int left = GpusPerNode - (gpu % GpusPerNode);
            gpu += left < Math.Min(gpus, GpusPerNode) ? left : 0;
            yield return (pool, replica, gpu / GpusPerNode);
            gpu += gpus;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(NicGbPerS is >= 0.001 and <= 1e6))
        {
            yield return (nameof(NicGbPerS), $"found {NicGbPerS}, expected a number from 0.001 to 1000000");
        }

        if (!(LatencyUs is >= 0 and <= 1e9))
        {
            yield return (nameof(LatencyUs), $"found {LatencyUs}, expected a number from 0 to 1000000000");
        }

        if (GpusPerNode < 1)
        {
            yield return (nameof(GpusPerNode), $"found {GpusPerNode}, expected at least 1");
        }
    }

    private IEnumerable<(int Pool, int Replica)> InOrder(IReadOnlyList<(int Replicas, int Gpus)> pools) =>
        Placement == KvPlacement.ByPool
            ? Enumerable.Range(0, pools.Count)
                .SelectMany(pool => Enumerable.Range(0, pools[pool].Replicas).Select(i => (pool, i)))
            : Enumerable.Range(0, pools.Max(pool => pool.Replicas))
                .SelectMany(i => Enumerable.Range(0, pools.Count)
                    .Where(pool => i < pools[pool].Replicas).Select(pool => (pool, i)));
}

/// <summary>How replicas are laid on nodes; none spans two nodes if it fits into one.</summary>
public enum KvPlacement
{
    /// <summary>One pool after another, so that few prefill and decode replicas share a node.</summary>
    ByPool,

    /// <summary>
    /// The first replica of every pool, then the second of every pool, …, so that prefill and decode replicas share
    /// nodes (DistServe's placement for networks that are slow between nodes).
    /// </summary>
    Interleaved,
}
