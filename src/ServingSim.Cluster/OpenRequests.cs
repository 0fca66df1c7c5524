using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Transfer;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster;

/// <summary>Goes through a cluster for requests that have not ended.</summary>
internal static class OpenRequests
{
    /// <summary>See <see cref="ServingCluster.Open"/>.</summary>
    internal static IEnumerable<OpenRequest> Of(
        ServingCluster cluster, Simulation simulation, IReadOnlyList<ClientProgress> backingOff)
    {
        foreach (Replica replica in cluster.Replicas)
        {
            replica.SettleTo(simulation.Now, simulation.Phase);
            for (Request? r = replica.State.FirstRunning; r is not null; r = r.NextRunning)
            {
                if (ServingCluster.IsUnderWay(r))
                {
                    yield return new OpenRequest(ServingCluster.ClientOf(r), r, replica);
                }
            }

            foreach (Request waiting in replica.State.Remote.Loading.Concat(replica.State.Waiting.InOrder()))
            {
                if (ServingCluster.IsUnderWay(waiting))
                {
                    yield return new OpenRequest(ServingCluster.ClientOf(waiting), waiting, replica);
                }
            }
        }

        foreach (Handover handover in cluster.Disaggregation?.BetweenReplicas ?? [])
        {
            yield return new OpenRequest(handover.Client, null, null);
        }

        foreach ((ReplicaView to, Request request) in cluster.Pools.SelectMany(pool => pool.FrontEnd?.Held ?? []))
        {
            if (ServingCluster.IsUnderWay(request))
            {
                yield return new OpenRequest(ServingCluster.ClientOf(request), request, to.Replica);
            }
        }

        foreach (ReplicaView view in cluster.Pools.SelectMany(pool => pool.Views))
        {
            foreach (Request request in view.Faults?.Unanswered.Where(ServingCluster.IsUnderWay) ?? [])
            {
                yield return new OpenRequest(ServingCluster.ClientOf(request), request, view.Replica);
            }
        }

        foreach (ClientProgress client in backingOff.OrderBy(c => c.Client.Id))
        {
            yield return new OpenRequest(client.Client, null, null);
        }
    }
}
