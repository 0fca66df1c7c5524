using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Transfer;
using ServingSim.Engine;
using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Faults;

/// <summary>A replica that faults can strike: what is broken of it now, and who waits for an answer in vain.</summary>
internal sealed class FaultyReplica
{
    private readonly Simulation _simulation;
    private readonly HealthChecks? _health;
    private readonly Casualties _casualties;
    private readonly List<Request> _unanswered = [];
    private readonly List<int> _slowdowns = [];

    /// <summary>Faults that keep it broken, or drained.</summary>
    private int _breaks;
    private int _drains;

    /// <summary>Faults that keep its machine away, since when, and how long others did before.</summary>
    private int _takes;
    private SimTime _takenSince;
    private long _takenTicks;

    /// <summary>The fault that broke it; null while it works.</summary>
    private FaultStrike? _brokenBy;

    internal FaultyReplica(Simulation simulation, ReplicaView view, HealthChecks? health, Casualties casualties)
    {
        (_simulation, View, _health, _casualties) = (simulation, view, health, casualties);
    }

    internal ReplicaView View { get; }

    /// <summary>Whether there is such a replica: not if it is stopped, or was never started.</summary>
    internal bool IsThere => View.Pool.Scaler?.IsThere(View) ?? true;

    /// <summary>Ticks up to now in which its machine was taken away.</summary>
    internal long TakenTicks => _takenTicks + (_takes > 0 ? (_simulation.Now - _takenSince).Ticks : 0);

    /// <summary>Whether it is broken.</summary>
    internal bool IsBroken => _brokenBy is not null;

    /// <summary>Whether it is broken and nobody says so to those who ask.</summary>
    internal bool Hangs { get; private set; }

    /// <summary>Whether it is known to be broken, so that nothing is sent there.</summary>
    internal bool IsKnown { get; private set; }

    /// <summary>Health checks in a row that failed, or that succeeded since it is known to be broken.</summary>
    internal (int Failed, int Succeeded) Checks { get; set; }

    /// <summary>Requests that hang, those of clients that have given up included.</summary>
    internal IReadOnlyList<Request> Unanswered => _unanswered;

    internal void Break(FaultStrike strike, bool hangs)
    {
        if (_breaks++ > 0 || !View.Replica.IsUp)
        {
            return;
        }

        (_brokenBy, Hangs) = (strike, hangs);
        IReadOnlyList<Request> had = _casualties.Crash(View, strike);
        if (_health is null)
        {
            BecomeKnown();
        }

        if (hangs && !IsKnown)
        {
            _unanswered.AddRange(had);
        }
        else
        {
            Lose(had);
        }

        _health?.Watch(this);
    }

    internal void Repair()
    {
        if (--_breaks > 0 || !IsBroken)
        {
            return;
        }

        LoseUnanswered();
        (_brokenBy, Hangs) = (null, false);
        View.Replica.Start();
        _casualties.Repaired(View);
        if (_health is null)
        {
            BeForgiven();
        }
    }

    /// <summary>A request reaches it while it is broken.</summary>
    internal void Receive(Request request)
    {
        if (Hangs && !IsKnown)
        {
            _unanswered.Add(request);
            return;
        }

        Lose([request]);
    }

    /// <summary>Routers hear that it is broken, and whoever still waits for it that it will not answer.</summary>
    internal void BecomeKnown()
    {
        IsKnown = true;
        if (_brokenBy is { } strike)
        {
            strike.NoticedAt ??= _simulation.Now;
        }

        View.Leave(Absence.Unhealthy);
        _casualties.BecomeKnown(View);
        LoseUnanswered();
    }

    /// <summary>Routers hear that it works.</summary>
    internal void BeForgiven()
    {
        IsKnown = false;
        View.Return(Absence.Unhealthy);
    }

    internal void TakeMachine()
    {
        if (_takes++ == 0)
        {
            _takenSince = _simulation.Now;
        }
    }

    internal void ReplaceMachine()
    {
        _takenTicks = TakenTicks;
        _takenSince = _simulation.Now;
        _takes--;
    }

    internal void Drain(FaultStrike strike)
    {
        if (_drains++ == 0)
        {
            strike.NoticedAt = _simulation.Now;
            View.Leave(Absence.Notice);
        }
    }

    internal void StopDraining()
    {
        if (--_drains == 0)
        {
            View.Return(Absence.Notice);
        }
    }

    internal void SlowDown(int partsPerMillion)
    {
        _slowdowns.Add(partsPerMillion);
        ChangeLatency();
    }

    internal void SpeedUp(int partsPerMillion)
    {
        _slowdowns.Remove(partsPerMillion);
        ChangeLatency();
    }

    internal void Narrow(FaultStrike strike, KvLinks links, int partsPerMillion) =>
        _casualties.Narrow(View, strike, links, partsPerMillion);

    internal void Widen(FaultStrike strike, KvLinks links) => _casualties.Widen(View, strike, links);

    private void ChangeLatency() => View.Replica.ChangeLatency(
        _slowdowns.Count == 0 ? View.Latency : new ScaledLatency(View.Latency, _slowdowns.Max()));

    private void LoseUnanswered()
    {
        Request[] requests = [.. _unanswered];
        _unanswered.Clear();
        Lose(requests);
    }

    private void Lose(IReadOnlyList<Request> requests)
    {
        if (requests.Count > 0)
        {
            _brokenBy!.LostAttempts += _casualties.Lose(View, requests);
        }
    }
}
