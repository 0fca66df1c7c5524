using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Transfer;

/// <summary>What hands requests over from prefill replicas to decode replicas.</summary>
/// <param name="Handoff">The rule.</param>
/// <param name="Network">What KV moves over.</param>
/// <param name="MakeRouter">
/// Makes what chooses the decode replica of a prefilled request; called once for every set of decode pools that can
/// serve some request.
/// </param>
public sealed record DisaggregationSpec(IHandoff Handoff, NetworkSpec Network, Func<IRouter> MakeRouter);

/// <summary>
/// Hands requests over: a prefill replica finishes, a decode replica is chosen, the hand-off's rule says when its
/// blocks are set aside, the KV that it has not got moves over the network, and it decodes. The prefill replica holds
/// its blocks until all is read: a decode side without room stops it.
/// </summary>
internal sealed class Disaggregation
{
    private readonly Simulation _simulation;
    private readonly EventSource _source;
    private readonly IHandoff _rule;
    private readonly KvNetwork _network;
    private readonly SimTime _latency;
    private readonly IHandoverCluster _cluster;

    /// <summary>By decode leg, those whose KV has not come.</summary>
    private readonly Dictionary<Request, Handover> _awaiting = [];
    private readonly Dictionary<ReplicaView, SimEvent> _retries = [];

    /// <summary>Those whose KV is on a prefill replica, in order.</summary>
    private readonly Dictionary<ReplicaView, List<Handover>> _pinned = [];

    /// <summary>Those that no replica has as a request, in order.</summary>
    private readonly List<Handover> _between = [];

    /// <summary>Those whose prefill leg has finished now, and what hands them over.</summary>
    private readonly Queue<Handover> _prefilled = new();
    private readonly SimEvent _handOver;

    /// <summary>When KV that nobody reads is given back; those whose KV has been read leave it first.</summary>
    private readonly Queue<(SimTime At, Handover Handover)> _timeouts = new();
    private readonly SimEvent _timeout;

    internal Disaggregation(
        Simulation simulation, DisaggregationSpec spec, IReadOnlyList<Pool> pools, IHandoverCluster cluster)
    {
        (_simulation, _rule, _cluster) = (simulation, spec.Handoff, cluster);
        _latency = SimTime.Later(spec.Network.Latency, SimTime.OneTick);
        _network = new KvNetwork(simulation, spec.Network.Latency);
        Fabric = new KvFabric(_network, spec.Network, pools);
        Links = new NarrowLinks(_network, Fabric);
        _source = simulation.AddSource("hand-off");
        _handOver = new SimEvent(_source, Phase.TransferEnd, HandOverPrefilled);
        _timeout = new SimEvent(_source, Phase.Control, OnTimeout);
        foreach (ReplicaView view in pools.SelectMany(pool => pool.Views))
        {
            _pinned.Add(view, []);
            _retries.Add(view, new SimEvent(_source, Phase.Control, () => TryAgain(view)));
        }
    }

    /// <summary>Requests that a prefill replica has done and no decode replica has, in order.</summary>
    internal IReadOnlyList<Handover> BetweenReplicas => _between;

    internal KvFabric Fabric { get; }

    /// <summary>Links that faults narrow.</summary>
    internal NarrowLinks Links { get; }

    internal bool ForwardsFirstToken => _rule.ForwardsFirstToken;

    /// <summary>
    /// A prefill leg has finished: whether a decode replica is to go on with it. What follows is the next event, so
    /// that every step that ends now has been processed.
    /// </summary>
    internal bool GoesOn(ClientRequest client, ReplicaView from, Request prefill)
    {
        bool isOver = _rule.ForwardsFirstToken && !prefill.GoesOn;
        Handover handover = new(this, client, from, prefill) { IsAbandoned = isOver };
        client.Progress!.Handover = handover;
        client.Progress.GoOn(prefill, from, isThere: false);
        if (prefill.HoldsKv)
        {
            _pinned[from].Add(handover);
        }

        if (!isOver)
        {
            _between.Add(handover);
        }

        if (_rule.PinTimeout is { } timeout)
        {
            _timeouts.Enqueue((_simulation.Now + timeout, handover));
            if (_timeouts.Count == 1)
            {
                _simulation.Schedule(_timeout, _timeouts.Peek().At);
            }
        }

        _prefilled.Enqueue(handover);
        if (_prefilled.Count == 1)
        {
            _simulation.Schedule(_handOver, _simulation.Now);
        }

        return !isOver;
    }

    /// <summary>Blocks are set aside for a decode leg: its KV is read.</summary>
    internal void KvReserved(Request decode, int missingBlocks)
    {
        Handover handover = _awaiting[decode];
        if (!handover.Prefill.HoldsKv)
        {
            FailToRead(handover);
            return;
        }

        long bytes = missingBlocks * handover.To!.Pool.Spec.BlockBytes;
        (KvPort from, KvPort to) = Fabric.Between(handover.From, handover.To);
        foreach (FaultStrike strike in Links.StrikesBetween(handover.From, handover.To))
        {
            strike.Transfers++;
        }

        handover.Asked = _simulation.Now;
        handover.Transfer = _network.Send(from, to, bytes, handover.Land);
    }

    /// <summary>A decode replica has ended a step, or lost a request: there may be room.</summary>
    internal void RoomMayHaveCome(ReplicaView decode)
    {
        // Where a step is being planned, another look comes when it ends
        if (_simulation.Phase <= Phase.Control && _rule.WaitingFor(decode).Count > 0)
        {
            _simulation.Schedule(_retries[decode], _simulation.Now);
        }
    }

    /// <summary>The client of a request that is handed over gives up, or the attempt is lost.</summary>
    internal void Abandon(Handover handover)
    {
        handover.IsAbandoned = true;
        _between.Remove(handover);
        _rule.Forget(handover);
        if (handover.Decode is { } decode)
        {
            if (handover is { To.Replica.IsUp: true, Prefill.HoldsKv: true, Transfer: null }
                && decode.State == RequestState.Waiting)
            {
                // The decode engine tells the prefill engine that nobody will read (vLLM NIXL request_finished)
                Release(handover);
            }

            return;
        }

        if (_rule.PinTimeout is null && handover.Prefill.HoldsKv)
        {
            Release(handover);
        }
    }

    /// <summary>A request left a replica unfinished; perhaps one that decoded, or was to.</summary>
    internal void DecodeLeft(ReplicaView view, Request decode)
    {
        RoomMayHaveCome(view);
        if (!_awaiting.Remove(decode, out Handover? handover) || !handover.Prefill.HoldsKv)
        {
            return;
        }

        Stop(handover);

        // With a time-out the prefill replica hears nothing of a reader that is gone
        if (_rule.PinTimeout is null)
        {
            Release(handover);
        }
    }

    /// <summary>Nothing is sent to a replica any more: those that wait for room on it are handed to others.</summary>
    internal void Redispatch(ReplicaView gone)
    {
        foreach (Handover handover in _rule.WaitingFor(gone).ToList())
        {
            _rule.Forget(handover);
            HandOver(handover);
        }
    }

    /// <summary>A replica breaks: the KV that it holds for others is gone.</summary>
    internal void Crash(ReplicaView broken, FaultStrike strike)
    {
        foreach (Handover handover in _pinned[broken].ToList())
        {
            handover.BlameFor(strike);
            bool moves = Stop(handover);
            Release(handover);
            if (moves)
            {
                LoseKv(handover);
            }
        }
    }

    /// <summary>A fault narrows a replica's links.</summary>
    internal void Narrow(ReplicaView view, FaultStrike strike, KvLinks links, int partsPerMillion)
    {
        (KvPort from, KvPort to) = Fabric.PortsOf(view, links);
        strike.Transfers += _awaiting.Values.Count(
            handover => handover.Transfer is { } transfer && (transfer.From == from || transfer.To == to));
        Links.Narrow(view, strike, links, partsPerMillion);
    }

    /// <summary>See <see cref="Handover.Queue"/>.</summary>
    internal void Queue(Handover handover) => Begin(handover, queued: true);

    /// <summary>See <see cref="Handover.TryPull"/>.</summary>
    internal bool TryPull(Handover handover) => Begin(handover, queued: false);

    private bool Begin(Handover handover, bool queued)
    {
        Request decode = _cluster.DecodeLeg(handover, queued);
        if (handover.Prefill.HoldsKv || !queued)
        {
            decode.AwaitKv();
            _awaiting.Add(decode, handover);
        }

        if (_rule.ForwardsFirstToken)
        {
            decode.ContinueAfterFirstToken(handover.Prefill.FirstToken!.Value);
        }

        handover.Decode = decode;
        if (_cluster.Begin(handover, queued))
        {
            _between.Remove(handover);
            return true;
        }

        _awaiting.Remove(decode);
        handover.Decode = null;
        return false;
    }

    private void HandOverPrefilled()
    {
        while (_prefilled.TryDequeue(out Handover? handover))
        {
            HandOver(handover);
        }
    }

    private void HandOver(Handover handover)
    {
        if (!handover.IsAbandoned)
        {
            handover.To = _cluster.ChooseDecode(handover);
            if (handover.To is not null)
            {
                _rule.Offer(handover);
                return;
            }

            _between.Remove(handover);
        }

        // With a time-out the prefill replica hears of readers alone, and nobody will be one
        if (handover.Prefill.HoldsKv && _rule.PinTimeout is null)
        {
            Release(handover);
        }
    }

    private void TryAgain(ReplicaView decode)
    {
        if (_rule.WaitingFor(decode).Count > 0)
        {
            _rule.TryAgain(decode);
        }
    }

    /// <summary>All bytes of a handover's KV are there.</summary>
    internal void Land(Handover handover)
    {
        handover.MovedBytes = handover.Transfer!.Bytes;
        (handover.Transfer, handover.Landed) = (null, _simulation.Now);
        _awaiting.Remove(handover.Decode!);
        Release(handover);
        handover.To!.Replica.KvLanded(handover.Decode!);
    }

    /// <summary>The decode replica hears that KV cannot be read.</summary>
    private void LoseKv(Handover handover)
    {
        Request decode = handover.Decode!;
        if (!_awaiting.Remove(decode))
        {
            return;
        }

        ReplicaView to = handover.To!;
        to.Replica.KvLost(decode);
        if (!_rule.RecomputesLostKv && ServingCluster.IsUnderWay(decode))
        {
            _cluster.Attempts.CountWasted(decode, received: 0);
            handover.TakenBy?.LostAttempts += 1;
            to.Replica.Abort(decode);
            _cluster.Lose(to, decode, "kv_load");
        }
    }

    /// <summary>Nothing moves any more; whether something did.</summary>
    private bool Stop(Handover handover)
    {
        if (handover.Transfer is not { } transfer)
        {
            return false;
        }

        _network.Cancel(transfer);
        handover.Transfer = null;
        return true;
    }

    /// <summary>The prefill replica gives back the blocks that it held.</summary>
    private void Release(Handover handover)
    {
        _pinned[handover.From].Remove(handover);
        handover.From.Replica.ReleaseKv(handover.Prefill);
        handover.From.OnEmptied();
        ForgetReleased();
    }

    private void ForgetReleased()
    {
        while (_timeouts.TryPeek(out (SimTime At, Handover Handover) first) && !first.Handover.Prefill.HoldsKv)
        {
            _timeouts.Dequeue();
        }

        if (_timeouts.Count == 0)
        {
            _simulation.Cancel(_timeout);
        }
    }

    private void OnTimeout()
    {
        while (_timeouts.TryPeek(out (SimTime At, Handover Handover) first))
        {
            if (first.At > _simulation.Now)
            {
                _simulation.Schedule(_timeout, first.At);
                return;
            }

            _timeouts.Dequeue();
            if (first.Handover.Prefill.HoldsKv)
            {
                GiveUpKv(first.Handover);
            }
        }
    }

    /// <summary>
    /// A prefill replica keeps KV no longer, though somebody may be reading it: it hears of readers only when they have
    /// done (vLLM's get_finished releases expired blocks whatever moves).
    /// </summary>
    private void GiveUpKv(Handover handover)
    {
        if (handover.To is { } to && Links.StrikesBetween(handover.From, to).FirstOrDefault() is { } strike)
        {
            handover.BlameFor(strike);
        }

        bool moves = Stop(handover);
        Release(handover);
        if (moves)
        {
            FailToRead(handover);
        }
    }

    /// <summary>KV is read that is gone: the reader hears of it as soon as it could have had the first byte.</summary>
    private void FailToRead(Handover handover) => _simulation.Schedule(
        new SimEvent(_source, Phase.TransferEnd, () => LoseKv(handover)), _simulation.Now + _latency);
}
