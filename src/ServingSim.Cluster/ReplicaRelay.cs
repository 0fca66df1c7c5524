using ServingSim.Cluster.Routing;
using ServingSim.Engine;

namespace ServingSim.Cluster;

/// <summary>Passes on what a replica says, and hears itself what matters to the cluster's counts.</summary>
internal sealed class ReplicaRelay(ServingCluster cluster, ReplicaView view, IClusterObserver observer)
    : IReplicaObserver
{
    public void StepScheduled(Replica replica, StepPlan plan) => observer.StepScheduled(replica, plan);

    public void StepEnded(Replica replica, StepPlan plan)
    {
        observer.StepEnded(replica, plan);
        cluster.Disaggregation?.RoomMayHaveCome(view);
    }

    public void TokenGaps(ItlClass itlClass, int count, in StepTimes steps) =>
        observer.TokenGaps(itlClass, count, steps);

    public void FirstToken(Replica replica, Request request)
    {
        if (!ServingCluster.IsDecodeLeg(request))
        {
            view.OnFirstToken(ServingCluster.ClientOf(request));
        }

        if (request.KeepsKv && !cluster.Disaggregation!.ForwardsFirstToken)
        {
            // Sampled again by the decode replica
            return;
        }

        if (ServingCluster.ClientOf(request).Progress is { } progress)
        {
            progress.HasFirstToken = true;
        }

        observer.FirstToken(replica, request);
    }

    public void Finished(Replica replica, Request request)
    {
        observer.Finished(replica, request);
        cluster.OnFinished(view, request);
    }

    public void Dropped(Replica replica, Request request)
    {
        observer.Dropped(replica, request);
        cluster.Disaggregation?.DecodeLeft(view, request);
        view.OnEmptied();
    }

    public void KvReserved(Replica replica, Request request, int missingBlocks)
    {
        observer.KvReserved(replica, request, missingBlocks);
        cluster.Disaggregation!.KvReserved(request, missingBlocks);
    }
}
