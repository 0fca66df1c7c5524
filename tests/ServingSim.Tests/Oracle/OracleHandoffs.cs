using System.Numerics;

namespace ServingSim.Tests.Oracle;

/// <summary>How requests get from prefill to decode engines of a cluster: nixl and distserve.</summary>
internal sealed class OracleHandoffs(OracleCluster cluster, OracleClusterScenario scenario, OracleClients clients)
{
    private readonly List<OracleHandover>[] _bridges =
        [.. Enumerable.Range(0, scenario.Prefill + scenario.Decode).Select(_ => new List<OracleHandover>())];
    private readonly List<OracleHandover> _toHandOver = [];
    private readonly List<OracleHandover> _pinned = [];
    private readonly List<OracleHandover> _failing = [];

    /// <summary>Those that are read, in the order in which they were asked for.</summary>
    private readonly List<OracleHandover> _reading = [];
    private readonly HashSet<int> _room = [];

    private bool IsNixl => scenario.WaitingBlocksShare is null;

    private long Now => cluster.Now;

    public IEnumerable<long?> Times() =>
    [
        .. _failing.Select(h => h.FailsAt),
        .. _pinned.Select(h => (long?)(h.Finished + scenario.PinTimeout)),
        .. _pinned.Where(h => h.Begins > Now).Select(h => h.Begins),
        .. Rates().Where(r => r.Rate > 0 || r.Handover.Left <= 0)
            .Select(r => (long?)(Now + (long)((r.Handover.Left + r.Rate - 1) / Math.Max(1, r.Rate)))),
    ];

    public void Pass(long ticks) => Rates().ForEach(r => r.Handover.Left -= (Int128)r.Rate * ticks);

    /// <summary>Whether somebody waits for room on an engine.</summary>
    public bool IsAwaited(int engine) => _bridges[engine].Count > 0;

    /// <summary>A prompt is computed.</summary>
    public void Begin(OracleClient client, int engine, OracleSequence sequence)
    {
        OracleHandover handover = new(client, engine, sequence, Now);
        (client.Handover, client.Engine) = (handover, null);
        if (handover.HoldsKv)
        {
            _pinned.Add(handover);
        }

        _toHandOver.Add(handover);
        bool isOver = client.Request.MaxTokens == 1
            || sequence.PromptTokens + 1 == scenario.Engine.Config.MaxModelLen;
        if (isOver && !IsNixl)
        {
            handover.IsAbandoned = true;
            clients.End(client, "Completed");
        }
    }

    /// <summary>A prefill engine breaks.</summary>
    public void LoseKvOf(int engine)
    {
        foreach (OracleHandover handover in _pinned.FindAll(h => h.From == engine))
        {
            bool reads = handover.IsReading;
            Unpin(handover);
            if (reads)
            {
                LoseKv(handover);
            }
        }
    }

    /// <summary>A decode engine broke, and had these.</summary>
    public void LoseReaders(int engine, List<OracleSequence> had)
    {
        foreach (OracleHandover handover in _pinned.FindAll(h => had.Contains(h.Decode!)))
        {
            handover.Begins = null;
            _reading.Remove(handover);
            if (!IsNixl)
            {
                Unpin(handover);
            }
        }

        foreach (OracleHandover handover in _bridges[engine].ToList())
        {
            _bridges[engine].Remove(handover);
            HandOver(handover);
        }
    }

    /// <summary>Its client gives up.</summary>
    public void Abandon(OracleHandover handover)
    {
        bool waitedForRoom = handover.To is { } to && _bridges[to].Remove(handover);
        if (handover.HoldsKv && (waitedForRoom || handover.Decode is { Kv: OracleRemoteKv.Elsewhere }))
        {
            Unpin(handover);
        }
    }

    public void EndTransfers()
    {
        foreach (OracleHandover handover in _reading.FindAll(h => h.Begins <= Now && h.Left <= 0))
        {
            Unpin(handover);
            int decode = handover.To!.Value;
            cluster.Engines[decode].Land(handover.Decode!, Now);
            cluster.Wake(decode);
            NoteRoomIfGone(decode, handover.Decode!);
        }

        foreach (OracleHandover handover in _failing.FindAll(h => h.FailsAt == Now))
        {
            _failing.Remove(handover);
            if (cluster.Engines[handover.To!.Value].Has(handover.Decode!))
            {
                LoseKv(handover);
            }
        }

        foreach (OracleHandover handover in _toHandOver.ToList())
        {
            _toHandOver.Remove(handover);
            if (handover.IsAbandoned)
            {
                Unpin(handover);
            }
            else
            {
                HandOver(handover);
            }
        }
    }

    public void TimeOutAndPull()
    {
        foreach (int engine in _room.Order().ToList())
        {
            Pull(engine);
        }

        _room.Clear();
        if (IsNixl)
        {
            foreach (OracleHandover handover in _pinned.FindAll(h => h.Finished + scenario.PinTimeout == Now))
            {
                if (handover.IsReading)
                {
                    handover.FailsAt = Now + scenario.Latency;
                    _failing.Add(handover);
                }

                Unpin(handover);
            }
        }
    }

    private void HandOver(OracleHandover handover)
    {
        handover.To = cluster.Choose(1, scenario.Prefill, scenario.Decode);
        if (handover.To is not { } decode)
        {
            clients.Fail(handover.Client, "Refused");
            if (!IsNixl)
            {
                Unpin(handover);
            }

            return;
        }

        if (!IsNixl)
        {
            _bridges[decode].Add(handover);
            Pull(decode);
            return;
        }

        OracleRequest request = handover.Client.Request with { Arrival = Now };
        OracleSequence leg = cluster.Engines[decode].Queue(request, isElsewhere: handover.HoldsKv);
        GoOn(handover, leg);
        cluster.Wake(decode);
    }

    /// <summary>From the head of the bridge on, as long as few blocks wait and the head's fit.</summary>
    private void Pull(int decode)
    {
        OracleEngine engine = cluster.Engines[decode];
        while (cluster.IsUp(decode)
            && _bridges[decode].Count > 0
            && engine.ReservedBlocks < scenario.WaitingBlocksShare * engine.UsableBlocks)
        {
            OracleHandover handover = _bridges[decode][0];
            OracleRequest leg = handover.Client.Request with { Arrival = Now, FirstTokenTime = handover.Finished };
            if (engine.TryPull(leg) is not { } sequence)
            {
                return;
            }

            _bridges[decode].RemoveAt(0);
            GoOn(handover, sequence);
            Read(handover, engine.MissingBlocksOf(sequence));
        }
    }

    private static void GoOn(OracleHandover handover, OracleSequence leg)
    {
        handover.Decode = leg;
        (handover.Client.Engine, handover.Client.Sequence) = (handover.To, leg);
    }

    /// <summary>Nixl: the decode engine has set blocks aside in its turn.</summary>
    public void OnReserved(int engine, OracleSequence sequence, int missing)
    {
        if (IsNixl)
        {
            Read(clients.HandoverOf(sequence, engine), missing);
        }
    }

    private void Read(OracleHandover handover, int missing)
    {
        if (!handover.HoldsKv)
        {
            handover.FailsAt = Now + scenario.Latency;
            _failing.Add(handover);
            return;
        }

        handover.Begins = Now + scenario.Latency;
        _reading.Add(handover);
        handover.Left = (Int128)missing * scenario.BlockBytes * OracleNetwork.TicksPerSecond;
    }

    private void LoseKv(OracleHandover handover)
    {
        int decode = handover.To!.Value;
        cluster.Engines[decode].LoseKv(handover.Decode!, Now);
        cluster.Wake(decode);
        if (scenario.FailsWithoutKv && clients.Of(handover.Decode!) is { } client)
        {
            cluster.Engines[decode].Abort(handover.Decode!, Now);
            clients.Fail(client, "Lost");
        }

        NoteRoomIfGone(decode, handover.Decode!);
    }

    private void Unpin(OracleHandover handover)
    {
        _pinned.Remove(handover);
        _reading.Remove(handover);
        (handover.HoldsKv, handover.Begins) = (false, null);
        cluster.Engines[handover.From].Unpin(handover.Prefill, Now);
        cluster.Wake(handover.From);
    }

    public void NoteRoomIfGone(int engine, OracleSequence sequence)
    {
        if (!cluster.Engines[engine].Has(sequence))
        {
            NoteRoom(engine);
        }
    }

    public void NoteRoom(int engine)
    {
        if (_bridges[engine].Count > 0)
        {
            _room.Add(engine);
        }
    }

    private List<(OracleHandover Handover, long Rate)> Rates() => OracleNetwork.Rates(
        _pinned.FindAll(h => h.Begins <= Now),
        Enumerable.Range(0, cluster.Engines.Count).Select(BytesPerS));

    /// <summary>What the faults that last leave of a port.</summary>
    private long BytesPerS(int engine)
    {
        BigInteger bytes = scenario.PortBytes * OracleNetwork.TicksPerSecond;
        BigInteger by = 1;
        foreach (OracleLinkFault fault in scenario.LinkFaults)
        {
            if (fault.Engine == engine && fault.At <= Now && Now < fault.At + fault.Lasts && cluster.Struck(fault))
            {
                bytes *= fault.Millionths;
                by *= 1_000_000;
            }
        }

        return (long)(bytes / by);
    }
}
