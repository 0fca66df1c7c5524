using ServingSim.Cluster.Faults;
using ServingSim.Engine;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// A replica as a router sees it: the router's own counts of what it sent, which are exact, and the replica's gauges,
/// which are as old as the cluster's scraping makes them.
/// </summary>
public sealed class ReplicaView
{
    private readonly Simulation _simulation;
    private readonly Queue<(SimTime Visible, ReplicaGauges Gauges)> _onTheWay = new();
    private readonly List<IRequestWatcher> _watchers = [];
    private Replica _replica = null!;
    private ReplicaGauges _seen;
    private int _outstanding;
    private int _waitingForRoom;
    private long _outstandingPromptTokens;
    private Absence _absence;

    internal ReplicaView(Simulation simulation, Pool pool, int index) =>
        (_simulation, Pool, Index) = (simulation, pool, index);

    /// <summary>Its place among all replicas of the cluster: the same whichever pools can serve a request.</summary>
    public int Index { get; }

    /// <summary>The time of the choice.</summary>
    public SimTime Now => _simulation.Now;

    /// <summary>Requests sent there that have not ended.</summary>
    public int Outstanding
    {
        get => _outstanding;
        internal set
        {
            _outstanding = value;
            CountsChanged?.Invoke();
        }
    }

    /// <summary>Prompt tokens of those requests.</summary>
    public long OutstandingPromptTokens
    {
        get => _outstandingPromptTokens;
        internal set
        {
            _outstandingPromptTokens = value;
            CountsChanged?.Invoke();
        }
    }

    /// <summary>Prompt tokens of those of them that have no first token yet: the prefill backlog.</summary>
    public long PrefillTokens { get; internal set; }

    /// <summary>How many those are.</summary>
    public int PrefillRequests { get; internal set; }

    /// <summary>The replica's gauges as the router knows them; all 0 before the first scrape.</summary>
    public ReplicaGauges Gauges
    {
        get
        {
            if (!IsScraped)
            {
                return Read();
            }

            while (_onTheWay.TryPeek(out (SimTime Visible, ReplicaGauges Gauges) next)
                && next.Visible <= _simulation.Now)
            {
                _seen = _onTheWay.Dequeue().Gauges;
            }

            return _seen;
        }
    }

    internal Phase Phase => _simulation.Phase;

    /// <summary>Tokens in a KV block.</summary>
    internal int BlockSize { get; private set; }

    /// <summary>Whether routers may choose it.</summary>
    public bool IsRoutable => _absence == Absence.None;

    /// <summary>What is done when a count of unended requests has changed: routers that keep an order.</summary>
    internal Action? CountsChanged { get; set; }

    /// <summary>
    /// What is done when routers may no longer choose it. Only as another process with an empty cache does it come
    /// back, so that routers drop what they believe it holds, as real ones do with a worker that is removed.
    /// </summary>
    internal Action? Left { get; set; }

    /// <summary>The replica, which tells its observer of itself and so is made after its view.</summary>
    internal Replica Replica
    {
        get => _replica;
        set => (_replica, BlockSize) = (value, value.State.Config.BlockSize);
    }

    /// <summary>What is broken of it; null where no fault can strike it.</summary>
    internal FaultyReplica? Faults { get; set; }

    /// <summary>
    /// How long its steps take when nothing slows it down, as whoever set the router up measured it.
    /// </summary>
    internal ILatencyModel Latency { get; init; } = null!;

    internal Pool Pool { get; }

    /// <summary>Prefilled requests that wait for room there, which it has not got yet.</summary>
    internal int WaitingForRoom
    {
        get => _waitingForRoom;
        set
        {
            _waitingForRoom = value;
            OnEmptied();
        }
    }

    /// <summary>Whether gauges are scraped, and not of the instant.</summary>
    internal bool IsScraped { get; init; }

    /// <summary>A reason not to choose it holds from now on.</summary>
    internal void Leave(Absence why) => SetAbsence(_absence | why);

    /// <summary>A reason not to choose it holds no more.</summary>
    internal void Return(Absence why) => SetAbsence(_absence & ~why);

    internal void OnSent(ClientRequest client)
    {
        _outstandingPromptTokens += client.PromptTokens;
        PrefillTokens += client.PromptTokens;
        PrefillRequests++;
        Outstanding++;
    }

    /// <summary>A request is sent there whose prompt is computed already.</summary>
    internal void OnSentToDecode(ClientRequest client)
    {
        _outstandingPromptTokens += client.PromptTokens;
        Outstanding++;
        TellFirstToken(client);
    }

    internal void OnFirstToken(ClientRequest client)
    {
        StopPrefill(client);
        TellFirstToken(client);
    }

    /// <summary>A request left there unfinished, without a first token or with one.</summary>
    internal void OnFailed(ClientRequest client, bool isPrefill)
    {
        if (isPrefill)
        {
            StopPrefill(client);
        }

        OnEnded(client);
    }

    private void StopPrefill(ClientRequest client)
    {
        PrefillTokens -= client.PromptTokens;
        PrefillRequests--;
    }

    private void TellFirstToken(ClientRequest client)
    {
        foreach (IRequestWatcher watcher in _watchers)
        {
            watcher.FirstToken(client);
        }
    }

    internal void OnEnded(ClientRequest client)
    {
        _outstandingPromptTokens -= client.PromptTokens;
        Outstanding--;
        foreach (IRequestWatcher watcher in _watchers)
        {
            watcher.Ended(client);
        }
    }

    /// <summary>Something may have left it that is no request there.</summary>
    internal void OnEmptied()
    {
        foreach (IRequestWatcher watcher in _watchers)
        {
            watcher.Emptied();
        }
    }

    /// <summary>From now on tells what passes of the requests there.</summary>
    internal void Watch(IRequestWatcher watcher) => _watchers.Add(watcher);

    /// <summary>Reads the gauges now, for the router to see from a given time on.</summary>
    internal void Scrape(SimTime visible) => Tell(visible, Read());

    /// <summary>Tells the router gauges, which it sees from a given time on.</summary>
    internal void Tell(SimTime visible, ReplicaGauges gauges)
    {
        _ = Gauges; // lets go of what is visible by now
        _onTheWay.Enqueue((visible, gauges));
    }

    private void SetAbsence(Absence absence)
    {
        bool wasRoutable = IsRoutable;
        _absence = absence;
        if (IsRoutable != wasRoutable)
        {
            Pool.MembershipChanges++;
            if (wasRoutable)
            {
                Left?.Invoke();
            }
        }
    }

    private ReplicaGauges Read()
    {
        Replica.SettleTo(_simulation.Now, _simulation.Phase);
        ReplicaState state = Replica.State;
        return new ReplicaGauges(state.Waiting.Count, state.RunningCount, state.Kv.Usage);
    }
}
