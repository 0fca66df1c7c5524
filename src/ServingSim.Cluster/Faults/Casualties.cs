using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Transfer;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Faults;

/// <summary>What broken replicas take with them.</summary>
internal sealed class Casualties(Simulation simulation, ServingCluster cluster)
{
    /// <summary>A replica breaks; the requests that it had, the running ones first.</summary>
    internal IReadOnlyList<Request> Crash(ReplicaView view, FaultStrike strike)
    {
        Replica replica = view.Replica;
        replica.SettleTo(simulation.Now, simulation.Phase);
        for (Request? r = replica.State.FirstRunning; r is not null; r = r.NextRunning)
        {
            strike.LostTokens += r.ComputedTokens;
            Count(replica, r);
        }

        foreach (Request waiting in replica.State.Remote.Loading.Concat(replica.State.Waiting.InOrder()))
        {
            Count(replica, waiting);
        }

        cluster.Disaggregation?.Crash(view, strike);
        IReadOnlyList<Request> had = replica.Crash();
        foreach (Request request in had.Where(ServingCluster.IsUnderWay))
        {
            ServingCluster.ClientOf(request).Progress?.IsAtReplica = false;
        }

        return had;
    }

    private void Count(Replica replica, Request request)
    {
        if (ServingCluster.IsUnderWay(request))
        {
            cluster.Attempts.CountWasted(request, replica.TokensReceivedBy(request));
            ServingCluster.ClientOf(request).Progress?.LostTokens = request.ComputedTokens;
        }
    }

    /// <summary>A fault narrows a replica's links.</summary>
    internal void Narrow(ReplicaView view, FaultStrike strike, KvLinks links, int partsPerMillion) =>
        DisaggregationOf(view).Narrow(view, strike, links, partsPerMillion);

    /// <summary>What <see cref="Narrow"/> did is over.</summary>
    internal void Widen(ReplicaView view, FaultStrike strike, KvLinks links) =>
        DisaggregationOf(view).Links.Widen(view, strike, links);

    /// <summary>Nothing is sent to a replica any more.</summary>
    internal void BecomeKnown(ReplicaView view) => cluster.Disaggregation?.Redispatch(view);

    /// <summary>A replica works again.</summary>
    internal void Repaired(ReplicaView view) => cluster.Disaggregation?.RoomMayHaveCome(view);

    /// <summary>Requests will have no answer; how many of them somebody still waited for.</summary>
    internal int Lose(ReplicaView view, IReadOnlyList<Request> requests)
    {
        int lost = 0;
        foreach (Request request in requests.Where(ServingCluster.IsUnderWay))
        {
            lost++;
            cluster.Attempts.CountWasted(request, received: 0);
            cluster.Lose(view, request, request.State == RequestState.Dropped ? "crash" : "unreachable");
        }

        return lost;
    }

    private Disaggregation DisaggregationOf(ReplicaView view)
    {
        Check.That(cluster.Disaggregation is not null, $"no KV moves over links of {view.Replica.Name}");
        return cluster.Disaggregation!;
    }
}
