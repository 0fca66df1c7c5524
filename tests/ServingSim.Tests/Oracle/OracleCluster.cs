using System.Numerics;
using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>
/// Prefill and decode engines, the network between them, clients that give up and try again, and engines that break,
/// literally: at every instant all that can happen does, phase by phase, and all rates are worked out anew.
/// </summary>
internal sealed partial class OracleCluster
{
    private readonly OracleClusterScenario _scenario;
    private readonly OracleEngine[] _engines;
    private readonly bool[] _isUp;
    private readonly bool[] _isAwake;
    private readonly long?[] _stepEnd;
    private readonly List<OracleHandover>[] _bridges;
    private readonly List<OracleHandover> _toHandOver = [];
    private readonly List<OracleHandover> _pinned = [];
    private readonly List<OracleHandover> _failing = [];

    /// <summary>Those that are read, in the order in which they were asked for.</summary>
    private readonly List<OracleHandover> _reading = [];
    private readonly HashSet<int> _room = [];
    private readonly Queue<OracleClient> _arrivals;
    private readonly List<OracleClient> _waitingClients = [];
    private readonly List<OracleClient> _backingOff = [];
    private readonly List<(long At, int Engine, long Lasts, bool HasBegun)> _crashes;
    private readonly int[] _turns = new int[2];
    private readonly OracleScalers _scalers;
    private bool _begun;
    private long _now;

    private OracleCluster(
        OracleClusterScenario scenario, Func<Action<OracleSequence, int>, OracleEngine> makeEngine)
    {
        _scenario = scenario;
        int engines = scenario.Prefill + scenario.Decode;
        _engines = [.. Enumerable.Range(0, engines).Select(i => makeEngine((s, missing) => OnReserved(i, s, missing)))];
        (_isUp, _isAwake, _stepEnd) = (new bool[engines], new bool[engines], new long?[engines]);
        Array.Fill(_isUp, true);
        _bridges = [.. Enumerable.Range(0, engines).Select(_ => new List<OracleHandover>())];
        Clients = [.. scenario.Engine.Requests.Select(r => new OracleClient(r))];
        _arrivals = new(Clients.OrderBy(c => c.Request.Arrival));
        _scalers = new OracleScalers(
            scenario.Scaling is not var (forPrefill, forDecode)
                ? []
                : [
                    new OracleScaler(forPrefill, 0, scenario.Prefill, MetricOf, IsEmpty),
                    new OracleScaler(forDecode, scenario.Prefill, scenario.Decode, MetricOf, IsEmpty),
                ],
            scenario.GpuBudget,
            Serve);
        _crashes = [.. scenario.Crashes.Select(c => (c.At, c.Engine, c.Lasts, false))];
    }

    public IReadOnlyList<OracleEngine> Engines => _engines;

    public IReadOnlyList<OracleClient> Clients { get; }

    public long Now => _now;

    /// <summary>What the engines of each pool that are not stopped cost so far, in ticks; none without scaling.</summary>
    public IEnumerable<long> PaidTo(long tick)
    {
        _scalers.Pass(tick - _now);
        _now = tick;
        return _scalers.Paid();
    }

    private bool IsNixl => _scenario.WaitingBlocksShare is null;

    public static OracleCluster Run(
        OracleClusterScenario scenario, Func<Action<OracleSequence, int>, OracleEngine> makeEngine)
    {
        OracleCluster cluster = new(scenario, makeEngine);
        while (cluster.Next() is { } next)
        {
            foreach ((OracleHandover handover, long rate) in cluster.Rates())
            {
                handover.Left -= (Int128)rate * (next - cluster._now);
            }

            cluster._scalers.Pass(next - cluster._now);
            cluster._now = next;
            cluster.Happen();
        }

        return cluster;
    }

    /// <summary>When something can happen next; null when nothing ever will.</summary>
    private long? Next()
    {
        List<long?> times = [.. _stepEnd];
        times.AddRange(_crashes.Select(c => (long?)(c.HasBegun ? c.At + c.Lasts : c.At)));
        times.AddRange(_waitingClients.Select(c => c.Deadline));
        times.AddRange(_backingOff.Select(c => c.RetryAt));
        times.AddRange(_arrivals.Take(1).Select(c => (long?)c.Request.Arrival));
        times.AddRange(_failing.Select(h => h.FailsAt));
        times.AddRange(_pinned.Select(h => (long?)(h.Finished + _scenario.PinTimeout)));
        times.AddRange(_pinned.Where(h => h.Begins > _now).Select(h => h.Begins));
        times.AddRange(_scalers.Times(_now).Cast<long?>());
        times.AddRange(_scenario.LinkFaults.SelectMany(f => new long?[] { f.At, f.At + f.Lasts }));
        times.AddRange(Rates().Where(r => r.Rate > 0 || r.Handover.Left <= 0)
            .Select(r => (long?)(_now + (long)((r.Handover.Left + r.Rate - 1) / Math.Max(1, r.Rate)))));
        return times.Where(t => t > _now || (t == _now && _now == 0 && !_begun)).Min();
    }

    /// <summary>Everything of this instant.</summary>
    private void Happen()
    {
        _begun = true;
        BreakAndRepair();
        GiveUp();
        EndSteps();
        EndTransfers();
        Arrive();
        _scalers.Act(_now);
        TimeOutAndPull();
        _scalers.StopDrained(_now);
        for (int engine = 0; engine < _engines.Length; engine++)
        {
            if (_isAwake[engine] && _isUp[engine] && _stepEnd[engine] is null && !_engines[engine].IsIdle)
            {
                _isAwake[engine] = false;
                _engines[engine].AdvanceTo(_now);
                _stepEnd[engine] = _engines[engine].BeginStep()?.End;
            }
        }
    }

    private void BreakAndRepair()
    {
        for (int i = 0; i < _crashes.Count; i++)
        {
            (long at, int engine, long lasts, bool begun) = _crashes[i];
            if (!begun && at == _now)
            {
                _crashes[i] = (at, engine, lasts, true);
                Break(engine);
            }
            else if (begun && at + lasts == _now)
            {
                _isUp[engine] = true;
            }
        }
    }

    private void Break(int engine)
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

        List<OracleSequence> had = _engines[engine].Crash(_now);
        (_stepEnd[engine], _isUp[engine], _isAwake[engine]) = (null, false, false);
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

        foreach (OracleSequence sequence in had)
        {
            if (ClientOf(sequence) is { } client)
            {
                Fail(client, "Lost");
            }
        }
    }

    private void GiveUp()
    {
        foreach (OracleClient client in _waitingClients.FindAll(c => c.Deadline == _now))
        {
            if (client.Handover is { } handover)
            {
                bool waitedForRoom = handover.To is { } to && _bridges[to].Remove(handover);
                if (handover.HoldsKv && (waitedForRoom || handover.Decode is { Kv: OracleRemoteKv.Elsewhere }))
                {
                    Unpin(handover);
                }
            }

            if (client.Engine is { } engine)
            {
                _engines[engine].Abort(client.Sequence!, _now);
                _isAwake[engine] = true;
                NoteRoomIfGone(engine, client.Sequence!);
            }

            Fail(client, "Aborted");
        }
    }

    private void EndSteps()
    {
        for (int engine = 0; engine < _engines.Length; engine++)
        {
            if (_stepEnd[engine] == _now)
            {
                (_stepEnd[engine], _isAwake[engine]) = (null, true);
                _engines[engine].EndStep(_now);
                foreach (OracleSequence sequence in _engines[engine].FinishedAt(_now))
                {
                    OnFinished(engine, sequence);
                }

                NoteRoom(engine);
            }
        }
    }

    private void OnFinished(int engine, OracleSequence sequence)
    {
        OracleClient client = ClientOf(sequence)!;
        if (engine >= _scenario.Prefill)
        {
            End(client, "Completed");
            return;
        }

        OracleHandover handover = new(client, engine, sequence, _now);
        (client.Handover, client.Engine) = (handover, null);
        _pinned.Add(handover);
        _toHandOver.Add(handover);
        bool isOver = client.Request.MaxTokens == 1
            || sequence.PromptTokens + 1 == _scenario.Engine.Config.MaxModelLen;
        if (isOver && !IsNixl)
        {
            handover.IsAbandoned = true;
            End(client, "Completed");
        }
    }

    private void EndTransfers()
    {
        foreach (OracleHandover handover in _reading.FindAll(h => h.Begins <= _now && h.Left <= 0))
        {
            Unpin(handover);
            int decode = handover.To!.Value;
            _engines[decode].Land(handover.Decode!, _now);
            _isAwake[decode] = true;
            NoteRoomIfGone(decode, handover.Decode!);
        }

        foreach (OracleHandover handover in _failing.FindAll(h => h.FailsAt == _now))
        {
            _failing.Remove(handover);
            if (_engines[handover.To!.Value].Has(handover.Decode!))
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

    private void Arrive()
    {
        foreach (OracleClient client in _backingOff.FindAll(c => c.RetryAt == _now))
        {
            _backingOff.Remove(client);
            Try(client);
        }

        while (_arrivals.TryPeek(out OracleClient? next) && next.Request.Arrival == _now)
        {
            Try(_arrivals.Dequeue());
        }
    }

    private void TimeOutAndPull()
    {
        foreach (int engine in _room.Order().ToList())
        {
            Pull(engine);
        }

        _room.Clear();
        if (IsNixl)
        {
            foreach (OracleHandover handover in _pinned.FindAll(h => h.Finished + _scenario.PinTimeout == _now))
            {
                if (handover.IsReading)
                {
                    handover.FailsAt = _now + _scenario.Latency;
                    _failing.Add(handover);
                }

                Unpin(handover);
            }
        }
    }

    private void Try(OracleClient client)
    {
        client.Attempts++;
        client.Handover = null;
        if (client.Request.PromptTokens >= _scenario.Engine.Config.MaxModelLen)
        {
            End(client, "Refused");
            return;
        }

        if (Choose(0, 0, _scenario.Prefill) is not { } engine)
        {
            Fail(client, "Refused");
            return;
        }

        _engines[engine].Queue(client.Request with { MaxTokens = 1, KeepsKv = true, Arrival = _now });
        (client.Engine, client.Sequence) = (engine, _engines[engine].Sequences[^1]);
        _isAwake[engine] = true;
        if (_scenario.Timeout is { } patience)
        {
            client.Deadline = _now + patience;
            _waitingClients.Add(client);
        }
    }

    /// <summary>In turns, among those of a pool that work and are to.</summary>
    private int? Choose(int pool, int first, int count)
    {
        List<int> up =
            [.. Enumerable.Range(first, count).Where(engine => _isUp[engine] && _scalers.IsReady(pool, engine))];
        if (up.Count == 0)
        {
            return null;
        }

        int place = _turns[pool] % up.Count;
        _turns[pool] = place + 1;
        return up[place];
    }

    /// <summary>Another process begins, with an empty cache, unless a fault keeps it from that.</summary>
    private void Serve(int engine)
    {
        if (_isUp[engine])
        {
            Assert.Empty(_engines[engine].Crash(_now));
            _stepEnd[engine] = null;
        }
    }

    /// <summary>Nobody's request is there, nobody waits for room, and no block is held.</summary>
    private bool IsEmpty(int engine) => !Clients.Any(c => c.Engine == engine)
        && _bridges[engine].Count == 0
        && _engines[engine].UsedBlocks == 0;

    private double MetricOf(int engine, int metric) => metric switch
    {
        0 => _engines[engine].WaitingCount,
        1 => _engines[engine].WaitingCount + _engines[engine].RunningCount,
        2 => (double)_engines[engine].UsedBlocks / _engines[engine].UsableBlocks,
        _ => Clients.Count(c => c.Engine == engine),
    };

    private OracleClient? ClientOf(OracleSequence sequence) =>
        Clients.FirstOrDefault(c => c.Engine is not null && c.Sequence == sequence);

    /// <summary>An attempt has failed: the client tries again, or that was all.</summary>
    private void Fail(OracleClient client, string outcome)
    {
        StopWaiting(client);
        if (client.Attempts > _scenario.Retries)
        {
            End(client, outcome);
            return;
        }

        client.RetryAt = _now + _scenario.Backoff;
        _backingOff.Add(client);
    }

    private void End(OracleClient client, string outcome)
    {
        StopWaiting(client);
        client.Outcome = outcome;
    }

    private void StopWaiting(OracleClient client)
    {
        (client.Engine, client.Deadline) = (null, null);
        _waitingClients.Remove(client);
    }

    private List<(OracleHandover Handover, long Rate)> Rates() => OracleNetwork.Rates(
        _pinned.FindAll(h => h.Begins <= _now),
        Enumerable.Range(0, _engines.Length).Select(BytesPerS));

    /// <summary>What the faults that last leave of a port.</summary>
    private long BytesPerS(int engine)
    {
        BigInteger bytes = _scenario.PortBytes * OracleNetwork.TicksPerSecond;
        BigInteger by = 1;
        foreach (OracleLinkFault fault in _scenario.LinkFaults)
        {
            if (fault.Engine == engine && fault.At <= _now && _now < fault.At + fault.Lasts)
            {
                bytes *= fault.Millionths;
                by *= 1_000_000;
            }
        }

        return (long)(bytes / by);
    }
}
