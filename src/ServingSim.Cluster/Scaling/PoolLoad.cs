using ServingSim.Cluster.Routing;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Scaling;

/// <summary>A pool as its autoscaler sees it.</summary>
/// <param name="Now">The time of the look.</param>
/// <param name="Ready">Replicas that are meant to serve; their gauges are as old as the cluster's scraping.</param>
/// <param name="Starting">Replicas that are being started.</param>
/// <param name="Draining">Replicas that finish what they have, to be stopped.</param>
public sealed record PoolLoad(SimTime Now, IReadOnlyList<ReplicaView> Ready, int Starting, int Draining)
{
    /// <summary>Replicas that serve or will.</summary>
    public int Current => Ready.Count + Starting;
}
