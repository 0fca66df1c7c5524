using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster;

/// <summary>Equal replicas with one role.</summary>
public sealed class Pool
{
    internal Pool(Simulation simulation, PoolSpec spec, IReplicaObserver observer)
    {
        Name = spec.Name;
        for (int i = 0; i < spec.Replicas; i++)
        {
            Replicas.Add(new Replica(simulation, $"{spec.Name}/{i}", spec.MakeParts(), observer));
        }

        Views = [.. Replicas.Select(r => new ReplicaView(simulation, r))];
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Its replicas, in order.</summary>
    public List<Replica> Replicas { get; } = [];

    internal List<ReplicaView> Views { get; }
}

/// <summary>What a pool is made of.</summary>
/// <param name="Name">What it is called; its replicas are "name/0", "name/1", …</param>
/// <param name="Role">What its replicas do.</param>
/// <param name="Replicas">How many, at least one.</param>
/// <param name="MakeParts">Makes one replica's parts; called once a replica.</param>
public sealed record PoolSpec(string Name, PoolRole Role, int Replicas, Func<ReplicaParts> MakeParts);
