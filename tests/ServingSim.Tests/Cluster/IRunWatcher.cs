using ServingSim.Cluster;
using ServingSim.Engine;

namespace ServingSim.Tests.Cluster;

/// <summary>Looks at a run while it happens, and may ask replicas what any outside reader may ask.</summary>
internal interface IRunWatcher : IReplicaObserver
{
    /// <summary>The run is built and nothing has happened yet.</summary>
    void Begin(ClusterRun run)
    {
    }

    /// <summary>An event has happened.</summary>
    void Happened()
    {
    }

    /// <summary>A request is routed to a replica and about to be queued there.</summary>
    void Arriving(Replica replica, ClientRequest client)
    {
    }
}
