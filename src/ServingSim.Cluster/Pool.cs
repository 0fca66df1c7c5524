using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster;

/// <summary>Equal replicas with one role.</summary>
public sealed class Pool
{
    private readonly PoolSpec _spec;

    internal Pool(
        Simulation simulation, PoolSpec spec, int firstIndex, bool isScraped, IReplicaObserver observer)
    {
        Check.That(spec.Replicas >= 1, $"pool {spec.Name} has {spec.Replicas} replicas");
        _spec = spec;
        for (int i = 0; i < spec.Replicas; i++)
        {
            Replicas.Add(new Replica(simulation, $"{spec.Name}/{i}", spec.MakeParts(), observer));
        }

        Views =
        [
            .. Replicas.Select(
                (r, i) => new ReplicaView(simulation, r, this, firstIndex + i) { IsScraped = isScraped }),
        ];
    }

    /// <summary>What it is called.</summary>
    public string Name => _spec.Name;

    /// <summary>Its replicas, in order.</summary>
    public List<Replica> Replicas { get; } = [];

    /// <summary>Requests that were sent to its replicas so far.</summary>
    public long Arrived { get; internal set; }

    /// <summary>Requests that were refused after one of its replicas had been chosen for them.</summary>
    public long Refused { get; internal set; }

    /// <summary>Requests that its replicas completed so far.</summary>
    public long Completed { get; internal set; }

    internal List<ReplicaView> Views { get; }

    /// <summary>Whether requests with these labels may be sent here.</summary>
    internal bool Serves(Labels labels) =>
        _spec.Serves.All(wanted => labels[wanted.Key] is { } value && wanted.Value.Contains(value));
}
