using ServingSim.Cluster.Admission;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster;

/// <summary>Receives client requests, routes them to replicas, and tells how they end.</summary>
public sealed class ServingCluster
{
    private readonly Simulation _simulation;
    private readonly IAdmissionPolicy _admission;
    private readonly IClusterObserver _observer;
    private readonly Func<ClientRequest, Pool, ItlClass> _classOf;
    private readonly PoolDirectory _directory;
    private readonly GaugeScraper? _scraper;
    private SimTime _lastFrontEndArrival = new(-1);

    /// <summary>A cluster of idle replicas.</summary>
    /// <param name="simulation">The clock.</param>
    /// <param name="spec">What it is made of.</param>
    /// <param name="classOf">Which class a request's inter-token latencies are counted in, in a pool.</param>
    /// <param name="observer">Who hears of everything.</param>
    public ServingCluster(
        Simulation simulation,
        ClusterSpec spec,
        Func<ClientRequest, Pool, ItlClass> classOf,
        IClusterObserver observer)
    {
        Check.That(spec.Pools.Count is >= 1 and <= ClusterSpec.MostPools, $"a cluster of {spec.Pools.Count} pools");
        (_simulation, _admission, _classOf, _observer) = (simulation, spec.Admission, classOf, observer);
        List<Pool> pools = [];
        foreach (PoolSpec pool in spec.Pools)
        {
            int first = pools.Sum(p => p.Replicas.Count);
            pools.Add(new Pool(simulation, pool, first, isScraped: spec.Scrape is not null, RelayTo));
        }

        Pools = pools;
        _directory = new PoolDirectory(Pools, spec.MakeRouter);
        _scraper = spec.Scrape is { } scrape
            ? new GaugeScraper(simulation, scrape, [.. Pools.SelectMany(p => p.Views)])
            : null;
    }

    /// <summary>Its pools, in order.</summary>
    public IReadOnlyList<Pool> Pools { get; }

    /// <summary>All replicas of all pools, in order.</summary>
    public IEnumerable<Replica> Replicas => Pools.SelectMany(pool => pool.Replicas);

    /// <summary>Client requests received so far.</summary>
    public long Arrived { get; private set; }

    /// <summary>Client requests that have not ended.</summary>
    public int OpenCount { get; private set; }

    /// <summary>Client requests that ended so far.</summary>
    public long EndedCount { get; private set; }

    /// <summary>Receives a request at the instant of its arrival.</summary>
    public void Submit(ClientRequest client)
    {
        Check.That(client.Arrival == _simulation.Now, $"request {client.Id} arrives at {client.Arrival}");
        Arrived++;
        (RoutingGroup? group, string? reason) = _directory.Find(client);
        if (group is null)
        {
            End(new EndedRequest(client, ClientOutcome.Refused, reason, null, null));
            return;
        }

        ReplicaView chosen = group.Choose(client);
        if (_admission.ReasonToRefuse(client, chosen, group.Views) is { } refusal)
        {
            chosen.Pool.Refused++;
            End(new EndedRequest(client, ClientOutcome.Refused, refusal, null, null));
            return;
        }

        group.Router.Sent(client, chosen);
        Send(client, chosen);
    }

    /// <summary>
    /// The requests that have not ended: replica by replica, the running ones first; then those that have not reached
    /// their replicas, pool by pool.
    /// </summary>
    public IEnumerable<OpenRequest> Open()
    {
        foreach (Replica replica in Replicas)
        {
            replica.SettleTo(_simulation.Now, _simulation.Phase);
            for (Request? r = replica.State.FirstRunning; r is not null; r = r.NextRunning)
            {
                yield return new OpenRequest(ClientOf(r), r, replica);
            }

            foreach (Request waiting in replica.State.Waiting.InOrder())
            {
                yield return new OpenRequest(ClientOf(waiting), waiting, replica);
            }
        }

        foreach ((ReplicaView to, Request request) in Pools.SelectMany(pool => pool.FrontEnd?.Held ?? []))
        {
            yield return new OpenRequest(ClientOf(request), request, to.Replica);
        }
    }

    /// <summary>What a client asked that a replica has as a request.</summary>
    public static ClientRequest ClientOf(Request request) => (ClientRequest)request.Sender!;

    private void Send(ClientRequest client, ReplicaView to)
    {
        OpenCount++;
        to.OnSent(client);
        to.Pool.Arrived++;
        _scraper?.Wake();

        // A front end takes in one request after another, so no two of its arrival times are equal. Policy priority
        // depends on it: two requests of equal rank would preempt one another for ever.
        _lastFrontEndArrival = SimTime.Later(_simulation.Now, _lastFrontEndArrival + SimTime.OneTick);
        FrontEnd? frontEnd = to.Pool.FrontEnd;
        SimTime arrival = frontEnd?.ArrivalOfNext ?? _simulation.Now;
        Request request = new(new RequestId(client.Id, 0), client.Prompt, client.Output, arrival)
        {
            FrontEndArrival = _lastFrontEndArrival,
            Priority = client.Priority,
            PredictedOutputTokens = client.PredictedOutputTokens,
            ItlClass = _classOf(client, to.Pool),
            Sender = client,
        };
        if (frontEnd is null)
        {
            to.Replica.Enqueue(request);
            return;
        }

        frontEnd.Hold(to, request);
    }

    private Relay RelayTo(ReplicaView view) => new(this, view);

    private void OnFinished(ReplicaView view, Request request)
    {
        OpenCount--;
        view.OnEnded(ClientOf(request));
        view.Pool.Completed++;
        End(new EndedRequest(ClientOf(request), ClientOutcome.Completed, null, request, view.Replica));
    }

    private void End(EndedRequest ended)
    {
        EndedCount++;
        Check.That(
            EndedCount + OpenCount == Arrived, $"{Arrived} arrived, {EndedCount} ended, {OpenCount} are open");
        _observer.Ended(ended);
    }

    /// <summary>Passes on what a replica says, and hears itself what matters to the cluster's counts.</summary>
    private sealed class Relay(ServingCluster cluster, ReplicaView view) : IReplicaObserver
    {
        public void StepScheduled(Replica replica, StepPlan plan) => cluster._observer.StepScheduled(replica, plan);

        public void StepEnded(Replica replica, StepPlan plan) => cluster._observer.StepEnded(replica, plan);

        public void TokenGaps(ItlClass itlClass, int count, in StepTimes steps) =>
            cluster._observer.TokenGaps(itlClass, count, steps);

        public void FirstToken(Replica replica, Request request)
        {
            view.OnFirstToken(ClientOf(request));
            cluster._observer.FirstToken(replica, request);
        }

        public void Finished(Replica replica, Request request)
        {
            cluster._observer.Finished(replica, request);
            cluster.OnFinished(view, request);
        }
    }
}
