using ServingSim.Cluster.Routing;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Faults;

/// <summary>All faults of a cluster.</summary>
internal sealed class ClusterFaults
{
    private readonly List<FaultStrike> _strikes = [];

    /// <summary>Lets faults strike the replicas of a cluster, from now on.</summary>
    /// <param name="simulation">The clock.</param>
    /// <param name="spec">What breaks, when, and who finds out.</param>
    /// <param name="cluster">Whose replicas.</param>
    internal ClusterFaults(Simulation simulation, ClusterSpec spec, ServingCluster cluster)
    {
        Casualties casualties = new(simulation, cluster);
        HealthChecks? health = spec.Health is { } options ? new HealthChecks(simulation, options) : null;
        foreach (FaultSpec fault in spec.Faults)
        {
            Pool? pool = cluster.Pools.FirstOrDefault(p => p.Name == fault.Pool);
            Check.That(pool is not null, $"a fault of unknown pool {fault.Pool}");
            EventSource source = simulation.AddSource($"fault {fault.Name}");
            foreach (ReplicaView view in fault.Replica is { } one ? [pool.Views[one]] : pool.Views)
            {
                view.Faults ??= new FaultyReplica(simulation, view, health, casualties);
                _ = new FaultInjector(simulation, source, fault, view.Faults, _strikes);
            }
        }
    }

    /// <summary>Those that struck, in order.</summary>
    internal IReadOnlyList<FaultStrike> Strikes => _strikes;
}
