using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>
/// Prefill and decode engines, the network between them, clients that give up and try again, and engines that break,
/// literally: at every instant all that can happen does, phase by phase, and all rates are worked out anew.
/// </summary>
internal sealed class OracleCluster
{
    private readonly OracleClusterScenario _scenario;
    private readonly OracleEngine[] _engines;
    private readonly bool[] _isUp;
    private readonly bool[] _isAwake;
    private readonly OracleStepsInFlight[] _steps;
    private readonly OracleClients _clients;
    private readonly OracleHandoffs _handoffs;
    private readonly List<(long At, int Engine, long Lasts, bool HasBegun)> _crashes;

    /// <summary>Faults of links that found no engine there.</summary>
    private readonly HashSet<OracleLinkFault> _missed = [];
    private readonly int[] _turns = new int[2];
    private readonly OracleScalers _scalers;
    private bool _begun;
    private long _now;

    private OracleCluster(
        OracleClusterScenario scenario, Func<Action<OracleSequence, int>, OracleEngine> makeEngine)
    {
        _scenario = scenario;
        int engines = scenario.Prefill + scenario.Decode;
        _clients = new OracleClients(scenario, () => _now);
        _handoffs = new OracleHandoffs(this, scenario, _clients);
        _engines =
        [
            .. Enumerable.Range(0, engines)
                .Select(i => makeEngine((sequence, missing) => _handoffs.OnReserved(i, sequence, missing))),
        ];
        (_isUp, _isAwake) = (new bool[engines], new bool[engines]);
        _steps = [.. Enumerable.Range(0, engines).Select(_ => new OracleStepsInFlight(scenario.Engine.Config))];
        Array.Fill(_isUp, true);
        _scalers = new OracleScalers(
            scenario.Scaling is not var (forPrefill, forDecode)
                ? []
                : [
                    new OracleScaler(forPrefill, 0, scenario.Prefill, MetricOf, IsEmpty),
                    new OracleScaler(forDecode, scenario.Prefill, scenario.Decode, MetricOf, IsEmpty),
                ],
            scenario.GpuBudget,
            Serve);
        _clients.Begin();
        _crashes = [.. scenario.Crashes.Select(c => (c.At, c.Engine, c.Lasts, false))];
    }

    public IReadOnlyList<OracleEngine> Engines => _engines;

    public IReadOnlyList<OracleClient> Clients => _clients.All;

    public long Now => _now;

    public bool IsUp(int engine) => _isUp[engine];

    /// <summary>Whether a fault of links found its engine there when it began.</summary>
    public bool Struck(OracleLinkFault fault) => !_missed.Contains(fault);

    /// <summary>An engine may be able to plan a step.</summary>
    public void Wake(int engine) => _isAwake[engine] = true;

    /// <summary>What each pool's engines that are not stopped cost so far, in ticks; none without scaling.</summary>
    public IEnumerable<long> PaidTo(long tick)
    {
        _scalers.Pass(tick - _now);
        _now = tick;
        return _scalers.Paid();
    }

    public static OracleCluster Run(
        OracleClusterScenario scenario, Func<Action<OracleSequence, int>, OracleEngine> makeEngine)
    {
        OracleCluster cluster = new(scenario, makeEngine);
        while (cluster.Next() is { } next)
        {
            cluster._handoffs.Pass(next - cluster._now);
            cluster._scalers.Pass(next - cluster._now);
            cluster._now = next;
            cluster.Happen();
        }

        return cluster;
    }

    /// <summary>When something can happen next; null when nothing ever will.</summary>
    private long? Next()
    {
        List<long?> times = [.. _steps.Select(s => s.End), .. Enumerable.Range(0, _steps.Length).Select(NextStep)];
        times.AddRange(_crashes.Select(c => (long?)(c.HasBegun ? c.At + c.Lasts : c.At)));
        times.AddRange(_clients.Times());
        times.AddRange(_handoffs.Times());
        times.AddRange(_scalers.Times(_now).Cast<long?>());
        times.AddRange(_scenario.LinkFaults.SelectMany(f => new long?[] { f.At, f.At + f.Lasts }));
        return times.Where(t => t > _now || (t == _now && _now == 0 && !_begun)).Min();
    }

    /// <summary>Everything of this instant.</summary>
    private void Happen()
    {
        _begun = true;
        BreakAndRepair();
        GiveUp();
        EndSteps();
        _handoffs.EndTransfers();
        foreach (OracleClient client in _clients.Asking())
        {
            Try(client);
        }

        _scalers.Act(_now);
        _handoffs.TimeOutAndPull();
        _scalers.StopDrained(_now);
        for (int engine = 0; engine < _engines.Length; engine++)
        {
            while (NextStep(engine) <= _now)
            {
                _engines[engine].AdvanceTo(_now);
                _engines[engine].DropAborted();
                OracleStep? step = _engines[engine].IsIdle ? null : _engines[engine].BeginStep();
                _isAwake[engine] = step is not null;
                _steps[engine].Add(step, _now);
            }
        }
    }

    /// <summary>From when on an engine that has something to do can decide its next step; null if it cannot.</summary>
    private long? NextStep(int engine) =>
        _isAwake[engine] && _isUp[engine] && (!_engines[engine].IsIdle || _steps[engine].IsToBeFilled)
            ? _steps[engine].Next
            : null;

    private void BreakAndRepair()
    {
        _missed.UnionWith(_scenario.LinkFaults.Where(f => f.At == _now && _scalers.IsStopped(f.Engine)));
        for (int i = 0; i < _crashes.Count; i++)
        {
            (long at, int engine, long lasts, bool begun) = _crashes[i];
            if (!begun && at == _now && !_scalers.IsStopped(engine))
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
        _handoffs.LoseKvOf(engine);
        List<OracleSequence> had = _engines[engine].Crash(_now);
        _steps[engine].Clear(_now);
        (_isUp[engine], _isAwake[engine]) = (false, false);
        _handoffs.LoseReaders(engine, had);
        foreach (OracleSequence sequence in had)
        {
            if (_clients.Of(sequence) is { } client)
            {
                _clients.Fail(client, "Lost");
            }
        }
    }

    private void GiveUp()
    {
        foreach (OracleClient client in _clients.GivingUp())
        {
            if (client.Handover is { } handover)
            {
                _handoffs.Abandon(handover);
            }

            if (client.Engine is { } engine)
            {
                _engines[engine].Abort(client.Sequence!, _now);
                _isAwake[engine] = true;
                _handoffs.NoteRoomIfGone(engine, client.Sequence!);
            }

            _clients.Fail(client, "Aborted");
        }
    }

    private void EndSteps()
    {
        for (int engine = 0; engine < _engines.Length; engine++)
        {
            while (_steps[engine].End == _now)
            {
                _steps[engine].Remove();
                _isAwake[engine] = true;
                _engines[engine].EndStep(_now);
                foreach (OracleSequence sequence in _engines[engine].FinishedAt(_now))
                {
                    OnFinished(engine, sequence);
                }

                _handoffs.NoteRoom(engine);
            }
        }
    }

    private void OnFinished(int engine, OracleSequence sequence)
    {
        OracleClient client = _clients.Of(sequence)!;
        if (engine >= _scenario.Prefill)
        {
            _clients.End(client, "Completed");
            return;
        }

        _handoffs.Begin(client, engine, sequence);
    }

    private void Try(OracleClient client)
    {
        client.Attempts++;
        client.Handover = null;
        if (client.Request.PromptTokens >= _scenario.Engine.Config.MaxModelLen)
        {
            _clients.End(client, "Refused");
            return;
        }

        if (Choose(0, 0, _scenario.Prefill) is not { } engine)
        {
            _clients.Fail(client, "Refused");
            return;
        }

        _engines[engine].Queue(client.Request with { MaxTokens = 1, KeepsKv = true, Arrival = _now });
        (client.Engine, client.Sequence) = (engine, _engines[engine].Sequences[^1]);
        _isAwake[engine] = true;
        _clients.Wait(client);
    }

    /// <summary>In turns, among those of a pool that work and are to.</summary>
    public int? Choose(int pool, int first, int count)
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
            _steps[engine].Clear(_now);
        }
    }

    /// <summary>Nobody's request is there, nobody waits for room, and no block is held.</summary>
    private bool IsEmpty(int engine) => !Clients.Any(c => c.Engine == engine)
        && !_handoffs.IsAwaited(engine)
        && _engines[engine].UsedBlocks == 0;

    private double MetricOf(int engine, int metric) => metric switch
    {
        0 => _engines[engine].WaitingCount,
        1 => _engines[engine].WaitingCount + _engines[engine].RunningCount,
        2 => (double)_engines[engine].UsedBlocks / _engines[engine].UsableBlocks,
        _ => Clients.Count(c => c.Engine == engine),
    };
}
