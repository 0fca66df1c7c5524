using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Scaling;

/// <summary>
/// Starts and stops a pool's replicas as its autoscaler says. A new one serves when its cold start is over, with an
/// empty cache; one too many takes no more requests and is stopped when it has finished those that it has. Those that
/// are still starting are given up first, then the last started, of equals the last of the pool (as Kubernetes deletes
/// pods). Stopped ones are started in the pool's order. A draining one is not called back. What was wanted and found no
/// GPU is started as soon as there is one (a pending pod), unless less is wanted by then.
/// </summary>
internal sealed class PoolScaler
{
    private readonly Simulation _simulation;
    private readonly ScalingSpec _spec;
    private readonly GpuBudget _budget;
    private readonly int _gpus;
    private readonly Member[] _members;
    private readonly SimEvent _look;

    /// <summary>Replicas that were wanted when its autoscaler last decided.</summary>
    private int _wanted;

    internal PoolScaler(Simulation simulation, Pool pool, ScalingSpec spec, GpuBudget budget)
    {
        (_simulation, _spec, _budget, _gpus) = (simulation, spec, budget, pool.GpusPerReplica);
        _wanted = pool.InitialReplicas;
        _members = [.. pool.Views.Select(view => new Member(this, view))];
        for (int i = 0; i < _members.Length; i++)
        {
            _members[i].Begin(isReady: i < pool.InitialReplicas);
        }

        _look = new SimEvent(simulation.AddSource($"autoscaler {pool.Name}"), Phase.Control, Look) { IsLook = true };
        ScheduleLook(new SimTime(-1));
    }

    private enum Stage
    {
        Stopped,
        Starting,
        Ready,
        Draining,
    }

    /// <summary>How often a replica began to be started.</summary>
    internal long Started { get; private set; }

    /// <summary>How often a replica was given up, while it started or served.</summary>
    internal long Stopped { get; private set; }

    /// <summary>Replicas that serve now.</summary>
    internal int Ready => _members.Count(m => m.Stage == Stage.Ready);

    /// <summary>
    /// ∫ replicas that are starting, serve or drain dt, but those whose machines were taken away: what is paid for, in
    /// replica ticks.
    /// </summary>
    internal Int128 PaidTicks() => _members.Aggregate(Int128.Zero, (sum, m) => sum + m.PaidTicks);

    /// <summary>∫ those of them that serve or drain dt, in replica ticks.</summary>
    internal Int128 ServingTicks() => _members.Aggregate(Int128.Zero, (sum, m) => sum + m.ServingTicks);

    /// <summary>Whether a replica is starting, serves or drains.</summary>
    internal bool IsThere(ReplicaView view) =>
        Array.Find(_members, m => m.View == view)?.Stage is Stage.Starting or Stage.Ready or Stage.Draining;

    /// <summary>Starts what is wanted, as far as there are GPUs.</summary>
    internal void StartWanted()
    {
        for (int more = _wanted - _members.Count(m => m.Stage is Stage.Starting or Stage.Ready); more > 0; more--)
        {
            if (Array.Find(_members, m => m.Stage == Stage.Stopped)?.TryStart() != true)
            {
                break;
            }
        }
    }

    private void Look()
    {
        foreach (Member member in _members)
        {
            member.StopIfDrained();
        }

        PoolLoad load = new(
            _simulation.Now,
            [.. _members.Where(m => m.Stage == Stage.Ready).Select(m => m.View)],
            _members.Count(m => m.Stage == Stage.Starting),
            _members.Count(m => m.Stage == Stage.Draining));
        _wanted = Math.Clamp(_spec.Autoscaler.Wanted(load) ?? _wanted, _spec.MinReplicas, _spec.MaxReplicas);
        StartWanted();
        for (int fewer = load.Current - _wanted; fewer > 0; fewer--)
        {
            _members.Where(m => m.Stage is Stage.Starting or Stage.Ready)
                .OrderBy(m => m.Stage).ThenByDescending(m => m.Since).ThenByDescending(m => m.View.Index)
                .First().GiveUp();
        }

        ScheduleLook(_simulation.Now);
    }

    private void ScheduleLook(SimTime after)
    {
        if (_spec.Autoscaler.NextLook(after) is { } next)
        {
            _simulation.Schedule(_look, next);
        }
    }

    /// <summary>One replica on its way through starting, serving and draining.</summary>
    private sealed class Member : IRequestWatcher
    {
        private readonly PoolScaler _scaler;
        private readonly SimEvent _started;
        private readonly SimEvent _drained;
        private Int128 _paidTicks;
        private Int128 _servingTicks;
        private SimTime _until;
        private long _takenUntil;

        internal Member(PoolScaler scaler, ReplicaView view)
        {
            (_scaler, View) = (scaler, view);
            EventSource source = scaler._simulation.AddSource($"scaling of {view.Replica.Name}");
            _started = new SimEvent(source, Phase.Control, Serve);
            _drained = new SimEvent(source, Phase.Control, StopIfDrained);
            view.Watch(this);
        }

        internal ReplicaView View { get; }

        internal Stage Stage { get; private set; }

        /// <summary>When it began to be started.</summary>
        internal SimTime Since { get; private set; }

        internal Int128 PaidTicks
        {
            get
            {
                Count();
                return _paidTicks;
            }
        }

        internal Int128 ServingTicks
        {
            get
            {
                Count();
                return _servingTicks;
            }
        }

        public void FirstToken(ClientRequest request)
        {
        }

        public void Ended(ClientRequest request) => Emptied();

        public void Emptied()
        {
            if (Stage == Stage.Draining && View.Outstanding == 0)
            {
                Simulation simulation = _scaler._simulation;
                SimTime now = simulation.Now;
                simulation.Schedule(_drained, simulation.Phase <= Phase.Control ? now : now + SimTime.OneTick);
            }
        }

        internal void Begin(bool isReady)
        {
            Stage = isReady ? Stage.Ready : Stage.Stopped;
            if (!isReady)
            {
                View.Leave(Absence.Scaling);
            }
        }

        internal bool TryStart()
        {
            if (!_scaler._budget.TryTake(_scaler._gpus))
            {
                return false;
            }

            Become(Stage.Starting);
            Since = _scaler._simulation.Now;
            _scaler.Started++;
            _scaler._simulation.Schedule(_started, Since + _scaler._spec.ColdStart);
            return true;
        }

        internal void GiveUp()
        {
            _scaler.Stopped++;
            if (Stage == Stage.Starting)
            {
                _scaler._simulation.Cancel(_started);
                Stop();
                return;
            }

            Become(Stage.Draining);
            View.Leave(Absence.Scaling);
            StopIfDrained();
        }

        internal void StopIfDrained()
        {
            if (Stage == Stage.Draining && View.Outstanding + View.WaitingForRoom == 0)
            {
                // What clients gave up holds blocks until its step, or what is written to them, has ended
                View.Replica.SettleTo(_scaler._simulation.Now, _scaler._simulation.Phase);
                if (View.Replica.State.Kv.UsedBlocks == 0)
                {
                    Stop();
                }
            }
        }

        private void Stop()
        {
            Become(Stage.Stopped);
            _scaler._budget.GiveBack(_scaler._gpus);
        }

        private void Serve()
        {
            Become(Stage.Ready);
            if (View.Replica.IsUp)
            {
                // Another process than the one that was stopped: whatever that had cached is gone
                IReadOnlyList<Request> lost = View.Replica.Crash();
                Check.That(lost.Count == 0, $"{View.Replica.Name} had {lost.Count} requests while it was stopped");
                View.Replica.Start();
            }

            View.Return(Absence.Scaling);
        }

        private void Become(Stage stage)
        {
            Count();
            Stage = stage;
        }

        private void Count()
        {
            long taken = View.Faults?.TakenTicks ?? 0;
            long ticks = (_scaler._simulation.Now - _until).Ticks - (taken - _takenUntil);
            _paidTicks += Stage == Stage.Stopped ? 0 : ticks;
            _servingTicks += Stage is Stage.Ready or Stage.Draining ? ticks : 0;
            (_until, _takenUntil) = (_scaler._simulation.Now, taken);
        }
    }
}
