using ServingSim.Cluster.Admission;
using ServingSim.Cluster.Clients;
using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Scaling;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster;

/// <summary>Receives client requests, routes them to replicas, and tells how they end.</summary>
public sealed class ServingCluster
{
    /// <summary>No replica that could serve a request can be chosen now.</summary>
    private const string NoReplica = "no_replica";

    private readonly Simulation _simulation;
    private readonly IAdmissionPolicy _admission;
    private readonly IClusterObserver _observer;
    private readonly Func<ClientRequest, Pool, ItlClass> _classOf;
    private readonly PoolDirectory _directory;
    private readonly GaugeScraper? _scraper;
    private readonly ClientBehaviour? _clients;

    /// <summary>Attempts that were sent and have neither ended nor failed.</summary>
    private int _underWay;
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
            pools.Add(new Pool(simulation, pool, first, isScraped: spec.Scrape is not null, RelayTo, Deliver));
        }

        Pools = pools;
        GpuBudget budget = new(spec.GpuBudget, pools);
        pools.ForEach(pool => pool.Scale(simulation, budget));
        _directory = new PoolDirectory(Pools, spec.MakeRouter);
        _scraper = spec.Scrape is { } scrape
            ? new GaugeScraper(simulation, scrape, [.. Pools.SelectMany(p => p.Views)])
            : null;
        _clients = spec.Clients is { } clients
            ? new ClientBehaviour(simulation, clients, spec.Random, Try, GiveUp)
            : null;
    }

    /// <summary>Its pools, in order.</summary>
    public IReadOnlyList<Pool> Pools { get; }

    /// <summary>All replicas of all pools, in order.</summary>
    public IEnumerable<Replica> Replicas => Pools.SelectMany(pool => pool.Replicas);

    /// <summary>Client requests received so far.</summary>
    public long Arrived { get; private set; }

    /// <summary>Client requests that have not ended.</summary>
    public int OpenCount => _underWay + BackingOffCount;

    /// <summary>Those of them whose clients wait to try again.</summary>
    public int BackingOffCount => _clients?.BackingOff.Count ?? 0;

    /// <summary>What became of attempts.</summary>
    public AttemptCounts Attempts { get; } = new();

    /// <summary>Client requests that ended so far.</summary>
    public long EndedCount { get; private set; }

    /// <summary>Receives a request at the instant of its arrival.</summary>
    public void Submit(ClientRequest client)
    {
        Check.That(client.Arrival == _simulation.Now, $"request {client.Id} arrives at {client.Arrival}");
        Arrived++;
        _clients?.Asked(client);
        Try(client);
    }

    /// <summary>
    /// The requests that have not ended: replica by replica, the running ones first; then those that have not reached
    /// their replicas, pool by pool; then those whose clients wait to try again, by number.
    /// </summary>
    public IEnumerable<OpenRequest> Open()
    {
        foreach (Replica replica in Replicas)
        {
            replica.SettleTo(_simulation.Now, _simulation.Phase);
            for (Request? r = replica.State.FirstRunning; r is not null; r = r.NextRunning)
            {
                if (IsUnderWay(r))
                {
                    yield return new OpenRequest(ClientOf(r), r, replica);
                }
            }

            foreach (Request waiting in replica.State.Waiting.InOrder())
            {
                yield return new OpenRequest(ClientOf(waiting), waiting, replica);
            }
        }

        foreach ((ReplicaView to, Request request) in Pools.SelectMany(pool => pool.FrontEnd?.Held ?? []))
        {
            if (IsUnderWay(request))
            {
                yield return new OpenRequest(ClientOf(request), request, to.Replica);
            }
        }

        foreach (ClientProgress client in (_clients?.BackingOff ?? []).OrderBy(c => c.Client.Id))
        {
            yield return new OpenRequest(client.Client, null, null);
        }
    }

    /// <summary>What a client asked that a replica has as a request.</summary>
    public static ClientRequest ClientOf(Request request) => (ClientRequest)request.Sender!;

    /// <summary>Whether an attempt may still end well: its client has neither given it up nor lost it.</summary>
    private static bool IsUnderWay(Request attempt) =>
        ClientOf(attempt).Progress is not { } progress || progress.Attempt == attempt;

    /// <summary>Sends a client's request to a replica, for the first time or again.</summary>
    private void Try(ClientRequest client)
    {
        Attempts.Begun++;
        if (client.Progress is { } progress)
        {
            progress.Attempts++;
        }

        (RoutingGroup? group, string? reason) = _directory.Find(client);
        if (group is null)
        {
            End(new EndedRequest(client, ClientOutcome.Refused, reason, null, null));
            return;
        }

        if (group.Choose(client) is not { } chosen)
        {
            Refuse(client, NoReplica);
            return;
        }

        if (_admission.ReasonToRefuse(client, chosen, group.Views) is { } refusal)
        {
            chosen.Pool.Refused++;
            Refuse(client, refusal);
            return;
        }

        group.Router.Sent(client, chosen);
        Send(client, chosen);
    }

    private void Refuse(ClientRequest client, string reason)
    {
        Attempts.Refused++;
        Fail(FailureCause.Refused, new EndedRequest(client, ClientOutcome.Refused, reason, null, null));
    }

    private void Send(ClientRequest client, ReplicaView to)
    {
        _underWay++;
        to.OnSent(client);
        to.Pool.Arrived++;
        _scraper?.Wake();

        // A front end takes in one request after another, so no two of its arrival times are equal. Policy priority
        // depends on it: two requests of equal rank would preempt one another for ever.
        _lastFrontEndArrival = SimTime.Later(_simulation.Now, _lastFrontEndArrival + SimTime.OneTick);
        FrontEnd? frontEnd = to.Pool.FrontEnd;
        SimTime arrival = frontEnd?.ArrivalOfNext ?? _simulation.Now;
        ClientProgress? progress = client.Progress;
        int attempt = progress is null ? 0 : progress.Attempts - 1;
        Request request = new(new RequestId(client.Id, attempt), client.Prompt, client.Output, arrival)
        {
            FrontEndArrival = _lastFrontEndArrival,
            Priority = client.Priority,
            PredictedOutputTokens = client.PredictedOutputTokens,
            ItlClass = _classOf(client, to.Pool),
            Sender = client,
        };
        progress?.Send(request, to);
        if (frontEnd is null)
        {
            Deliver(to, request);
            return;
        }

        frontEnd.Hold(to, request);
    }

    /// <summary>A request reaches its replica, unless its client has given it up on the way.</summary>
    private void Deliver(ReplicaView to, Request request)
    {
        if (ClientOf(request).Progress is { } progress)
        {
            if (progress.Attempt != request)
            {
                return;
            }

            progress.IsAtReplica = true;
        }

        to.Replica.Enqueue(request);
    }

    private Relay RelayTo(ReplicaView view) => new(this, view);

    private void OnFinished(ReplicaView view, Request request)
    {
        ClientRequest client = ClientOf(request);
        _underWay--;
        view.OnEnded(client);
        view.Pool.Completed++;
        End(new EndedRequest(client, ClientOutcome.Completed, null, request, view.Replica)
        {
            OutputTokens = request.GeneratedTokens,
        });
    }

    /// <summary>A client waits for its attempt no longer, or gives up for good.</summary>
    private void GiveUp(ClientProgress client, string reason, bool forGood)
    {
        EndedRequest end = new(client.Client, ClientOutcome.Aborted, reason, client.Attempt, client.To?.Replica);
        if (client is { Attempt: { } attempt, To: { } to })
        {
            Attempts.TimedOut++;
            end = end with { OutputTokens = Withdraw(client, attempt, to) };
        }
        else
        {
            _clients!.StopBackingOff(client);
        }

        if (forGood)
        {
            End(end);
            return;
        }

        Fail(FailureCause.Timeout, end);
    }

    /// <summary>Takes an attempt back from wherever it is; the tokens that its client got.</summary>
    private int Withdraw(ClientProgress client, Request attempt, ReplicaView to)
    {
        int received = attempt.GeneratedTokens;
        if (client.IsAtReplica)
        {
            to.Replica.SettleTo(_simulation.Now, _simulation.Phase);
            received = to.Replica.TokensReceivedBy(attempt);
            Attempts.CountWasted(attempt.ComputedTokens - (attempt.CachedTokens ?? 0), received);
            to.Replica.Abort(attempt);
        }

        Leave(to, attempt);
        return received;
    }

    /// <summary>An attempt is under way no more and has not ended well.</summary>
    private void Leave(ReplicaView view, Request attempt)
    {
        ClientRequest client = ClientOf(attempt);
        _underWay--;
        view.Pool.Failed++;
        view.OnEnded(client);
        view.PrefillTokens -= attempt.FirstToken is null ? client.PromptTokens : 0;
        client.Progress?.StopWaiting();
    }

    /// <summary>An attempt failed: its client tries again, or its request ends so.</summary>
    private void Fail(FailureCause cause, EndedRequest end)
    {
        if (end.Client.Progress is not { } progress || _clients?.WillRetry(progress, cause) != true)
        {
            End(end);
        }

        CheckCounts();
    }

    private void End(EndedRequest ended)
    {
        EndedCount++;
        if (ended.Client.Progress is { } progress)
        {
            progress.StopWaiting();
            progress.HasEnded = true;
        }

        CheckCounts();
        _observer.Ended(ended);
    }

    private void CheckCounts() => Check.That(
        EndedCount + OpenCount == Arrived,
        $"{Arrived} arrived, {EndedCount} ended, {_underWay} are under way, {BackingOffCount} back off");

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
            if (ClientOf(request).Progress is { } progress)
            {
                progress.HasFirstToken = true;
            }

            cluster._observer.FirstToken(replica, request);
        }

        public void Finished(Replica replica, Request request)
        {
            cluster._observer.Finished(replica, request);
            cluster.OnFinished(view, request);
        }

        public void Dropped(Replica replica, Request request) => cluster._observer.Dropped(replica, request);
    }
}
