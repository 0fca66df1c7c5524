using ServingSim.Cluster.Admission;
using ServingSim.Cluster.Clients;
using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Scaling;
using ServingSim.Cluster.Transfer;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster;

/// <summary>Receives client requests, routes them to replicas, and tells how they end.</summary>
public sealed class ServingCluster : IHandoverCluster
{
    /// <summary>No replica that could serve a request can be chosen now.</summary>
    private const string NoReplica = "no_replica";

    private readonly Simulation _simulation;
    private readonly IAdmissionPolicy _admission;
    private readonly IClusterObserver _observer;
    private readonly Func<ClientRequest, Pool, ItlClass> _classOf;
    private readonly PoolDirectory _directory;
    private readonly PoolDirectory? _decodeDirectory;
    private readonly GaugeScraper? _scraper;
    private readonly ClientBehaviour? _clients;
    private readonly ClusterFaults? _faults;

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
        GpuBudget.Share(simulation, spec.GpuBudget, pools);
        if (spec.Disaggregation is { } disaggregation)
        {
            Disaggregation = new Disaggregation(simulation, disaggregation, pools, this);
            _decodeDirectory = new PoolDirectory(
                pools.FindAll(pool => pool.Role == PoolRole.Decode), disaggregation.MakeRouter);
        }

        _directory = new PoolDirectory(
            pools.FindAll(pool => pool.Role != PoolRole.Decode), spec.MakeRouter, _decodeDirectory);
        _scraper = spec.Scrape is { } scrape
            ? new GaugeScraper(simulation, scrape, [.. Pools.SelectMany(p => p.Views)])
            : null;
        _clients = spec.Clients is { } clients
            ? new ClientBehaviour(simulation, clients, spec.Random, Try, GiveUp)
            : null;
        _faults = spec.Faults.Count > 0 ? new ClusterFaults(simulation, spec, this) : null;
    }

    /// <summary>What hands requests from prefill to decode replicas; null where nobody does.</summary>
    internal Disaggregation? Disaggregation { get; }

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

    /// <summary>The faults that struck so far, in order.</summary>
    public IReadOnlyList<FaultStrike> Faults => _faults?.Strikes ?? [];

    /// <summary>Receives a request at the instant of its arrival.</summary>
    public void Submit(ClientRequest client)
    {
        Check.That(client.Arrival == _simulation.Now, $"request {client.Id} arrives at {client.Arrival}");
        Arrived++;
        _clients?.Asked(client);
        Try(client);
    }

    /// <summary>
    /// The requests that have not ended: replica by replica, the running ones first; then those between a prefill and a
    /// decode replica; then those that have not reached their replicas, pool by pool; then those that broken replicas
    /// do not answer; then those whose clients wait to try again, by number.
    /// </summary>
    public IEnumerable<OpenRequest> Open() => OpenRequests.Of(this, _simulation, _clients?.BackingOff ?? []);

    /// <summary>What a client asked that a replica has as a request.</summary>
    public static ClientRequest ClientOf(Request request) => (ClientRequest)request.Sender!;

    /// <summary>Whether an attempt may still end well: its client has neither given it up nor lost it.</summary>
    internal static bool IsUnderWay(Request attempt) =>
        ClientOf(attempt).Progress is not { } progress || progress.Attempt == attempt;

    internal static bool IsDecodeLeg(Request attempt) => ClientOf(attempt).Progress?.Handover?.Decode == attempt;

    /// <summary>Sends a client's request to a replica, for the first time or again.</summary>
    private void Try(ClientRequest client)
    {
        Attempts.Begun++;
        if (Disaggregation is not null)
        {
            client.Progress ??= new ClientProgress(client);
        }

        if (client.Progress is { } progress)
        {
            progress.Attempts++;
            progress.Handover = null;
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

        Applicant applicant = new(
            client, _simulation.Now, chosen, group.Views, _decodeDirectory?.Find(client).Group?.Views ?? []);
        if (_admission.ReasonToRefuse(applicant) is { } refusal)
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

        bool prefillOnly = to.Pool.Role == PoolRole.Prefill;
        OutputLength output = prefillOnly ? OutputLength.FirstTokenOf(client.Output) : client.Output;
        Request request = LegOf(client, to, output, prefillOnly);
        client.Progress?.Send(request, to);
        HoldOrDeliver(to, request);
    }

    /// <summary>What a replica gets of a client's attempt.</summary>
    private Request LegOf(
        ClientRequest client, ReplicaView to, OutputLength output, bool keepsKv, bool atOnce = false)
    {
        // A front end takes in one request after another, so no two of its arrival times are equal. Policy priority
        // depends on it: two requests of equal rank would preempt one another for ever.
        _lastFrontEndArrival = SimTime.Later(_simulation.Now, _lastFrontEndArrival + SimTime.OneTick);
        SimTime arrival = (atOnce ? null : to.Pool.FrontEnd)?.ArrivalOfNext ?? _simulation.Now;
        int attempt = client.Progress is { } progress ? progress.Attempts - 1 : 0;
        return new Request(new RequestId(client.Id, attempt), client.Prompt, output, arrival)
        {
            FrontEndArrival = _lastFrontEndArrival,
            Priority = client.Priority,
            PredictedOutputTokens = client.PredictedOutputTokens,
            ItlClass = _classOf(client, to.Pool),
            Sender = client,
            KeepsKv = keepsKv,
        };
    }

    private void HoldOrDeliver(ReplicaView to, Request request)
    {
        if (to.Pool.FrontEnd is { } frontEnd)
        {
            frontEnd.Hold(to, request);
            return;
        }

        Deliver(to, request);
    }

    /// <summary>A request reaches its replica, unless its client has given it up on the way.</summary>
    private void Deliver(ReplicaView to, Request request)
    {
        ClientProgress? progress = ClientOf(request).Progress;
        if (progress is not null && progress.Attempt != request)
        {
            return;
        }

        if (!to.Replica.IsUp)
        {
            to.Faults!.Receive(request);
            return;
        }

        progress?.IsAtReplica = true;
        to.Replica.Enqueue(request);
    }

    /// <summary>A failure took an attempt that was under way.</summary>
    internal void Lose(ReplicaView view, Request attempt, string reason)
    {
        EndedRequest end = new(ClientOf(attempt), ClientOutcome.Lost, reason, attempt, view.Replica)
        {
            OutputTokens = attempt.GeneratedTokens,
        };
        Attempts.Lost++;
        Leave(view, attempt);
        Fail(FailureCause.Lost, end);
    }

    internal void OnFinished(ReplicaView view, Request request)
    {
        ClientRequest client = ClientOf(request);
        view.OnEnded(client);
        view.Pool.Completed++;
        Attempts.CountRecomputed(request, request.KnownTokens - 1);
        if (request.KeepsKv && Disaggregation!.GoesOn(client, view, request))
        {
            return;
        }

        _underWay--;
        End(new EndedRequest(client, ClientOutcome.Completed, null, request, view.Replica)
        {
            OutputTokens = request.GeneratedTokens,
        });
    }

    ReplicaView? IHandoverCluster.ChooseDecode(Handover handover)
    {
        handover.Group = _decodeDirectory!.Find(handover.Client).Group!;
        if (handover.Group.Choose(handover.Client) is { } chosen)
        {
            return chosen;
        }

        _underWay--;
        handover.Client.Progress!.StopWaiting();
        Refuse(handover.Client, NoReplica);
        return null;
    }

    Request IHandoverCluster.DecodeLeg(Handover handover, bool queued) =>
        LegOf(handover.Client, handover.To!, handover.Client.Output, keepsKv: false, atOnce: !queued);

    bool IHandoverCluster.Begin(Handover handover, bool queued)
    {
        (ReplicaView to, Request decode) = (handover.To!, handover.Decode!);
        if (!queued && !to.Replica.TryReserve(decode))
        {
            return false;
        }

        handover.Group!.Router.Sent(handover.Client, to);
        to.OnSentToDecode(handover.Client);
        to.Pool.Arrived++;
        _scraper?.Wake();
        handover.Client.Progress!.GoOn(decode, to, isThere: !queued);
        if (queued)
        {
            HoldOrDeliver(to, decode);
        }

        return true;
    }

    void IHandoverCluster.Lose(ReplicaView view, Request attempt, string reason) => Lose(view, attempt, reason);

    private ReplicaRelay RelayTo(ReplicaView view) => new(this, view, _observer);

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
        if (client.Handover is { } handover)
        {
            Disaggregation!.Abandon(handover);
            if (handover.Decode is null)
            {
                // It is at no replica any more
                _underWay--;
                client.StopWaiting();
                Attempts.CountWasted(attempt, received);
                return received;
            }
        }

        if (client.IsAtReplica)
        {
            to.Replica.SettleTo(_simulation.Now, _simulation.Phase);
            received = to.Replica.TokensReceivedBy(attempt);
        }

        Attempts.CountWasted(attempt, received);
        if (client.IsAtReplica)
        {
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
        view.OnFailed(client, isPrefill: attempt.FirstToken is null && !IsDecodeLeg(attempt));
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
}
