using ServingSim.Engine.Latency;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// The loop of a replica: decide, dispatch, process, again. A step that ends is processed before requests that arrive
/// at the same instant are queued, and both before the next step is planned (vLLM V1: the input queue is drained
/// between steps).
/// <para>
/// With two plans in flight (asynchronous scheduling, vLLM's AsyncScheduler and batch queue) the host plans step k + 1
/// while the device computes step k. The host's time of a step begins when a place in the queue is free and its time
/// for the step before is over; the device's, when the host's is over and the device has done the step before; the
/// step's tokens are processed when the device has done it and the host is free. So a window, in which the device
/// computes step k and the host plans step k + 1, lasts as long as the longer of the two. A request that arrives at an
/// idle replica (host time h, device time d, longer than h):
/// <code>
/// host    | plan 0 | plan 1 |        | plan 2 |        | plan 3 |
/// device           | step 0          | step 1          | step 2 …
///         t       t+h              t+h+d             t+h+2d
///                                  first token       second token
/// </code>
/// What arrives during step 0, after plan 1, is in plan 2; what ends in step 0 gives its blocks to plan 2, too.
/// </para>
/// <para>
/// Steps that only decode, and are followed by steps that do the same again, make a run: one event ends them all. The
/// plan in flight is that of the step that computes now, as if each had had its event: <see cref="SettleTo"/> brings it
/// there; with two plans in flight, both are.
/// </para>
/// </summary>
internal sealed class StepLoop : IStepLoop
{
    private readonly Replica _replica;
    private readonly Simulation _simulation;
    private readonly IScheduler _scheduler;
    private readonly IReplicaObserver _observer;
    private readonly RunPlanner _runs;
    private readonly StepOutcome _outcome;
    private readonly SimEvent _stepEnd;
    private readonly SimEvent _decision;
    private readonly PlanQueue _inFlight;

    /// <summary>Requests whose clients gave up while a step computed something of them.</summary>
    private readonly List<Request> _aborted = [];

    /// <summary>
    /// How long the oldest step in flight will have been that, and those that follow it in its run: the windows.
    /// </summary>
    private StepTimes _run;

    /// <summary>When the host's time for the last plan is over.</summary>
    private SimTime _hostFree;

    internal StepLoop(Replica replica, Simulation simulation, ReplicaParts parts, IReplicaObserver observer)
    {
        (_replica, _simulation, _scheduler, _observer) = (replica, simulation, parts.Scheduler, observer);
        (State, Statistics) = (replica.State, replica.Statistics);
        _outcome = new StepOutcome(replica, observer);
        _runs = new RunPlanner(replica.State, parts.Scheduler, _outcome, parts.Latency);
        EventSource source = simulation.AddSource($"replica {replica.Name}");
        _stepEnd = new SimEvent(source, Phase.StepEnd, OnStepEnd);
        _decision = new SimEvent(source, Phase.Decision, Decide);
        _inFlight = new PlanQueue(parts.Config.MaxPlansInFlight);
    }

    private ReplicaState State { get; }

    private ReplicaStatistics Statistics { get; }

    private SimTime WindowStart => _inFlight.Oldest!.End - _run.First;

    /// <summary>See <see cref="Replica.TokensReceivedBy"/>.</summary>
    public int TokensReceivedBy(Request request)
    {
        int received = request.GeneratedTokens;
        for (int i = 0; i < _inFlight.Count; i++)
        {
            StepPlan plan = _inFlight[i];
            bool isToCome = plan.IsForeseen
                ? plan.OwesTokenTo(request)
                : request.State == RequestState.Decoding && plan.TokensOf(request) > 0;
            received -= isToCome ? 1 : 0;
        }

        return received;
    }

    /// <summary>A request that may end at a token which nobody can foresee is about to be queued.</summary>
    public void Watch(Request request) => _outcome.Watch(request);

    /// <summary>Whether an arrival could change the steps that are to follow in the run.</summary>
    public bool ReactsTo(Request arrival) =>
        _run.Count > 1 && _scheduler.ReactsTo(new Wake(WakeKind.Arrival, arrival), State);

    /// <summary>See <see cref="Replica.SettleTo"/>.</summary>
    public void SettleTo(SimTime time, Phase phase)
    {
        if (_run.Count > 1)
        {
            SettleRun(time, phase);
        }

        bool overdue = _inFlight.Oldest is { } oldest
            && (oldest.End < time || (oldest.End == time && phase > Phase.StepEnd));
        Check.That(!overdue, $"replica {_replica.Name} has a step that ended before {time} {phase}");
        Statistics.AdvanceTo(time, State);
    }

    /// <summary>The steps planned from now on take as long as this model says; the run has been cut.</summary>
    public void ChangeLatency(ILatencyModel latency)
    {
        _runs.Latency = latency;
        for (int i = 0; i < _inFlight.Count; i++)
        {
            // What follows is not like it any more
            _inFlight[i].Line = null;
        }
    }

    /// <summary>
    /// A request leaves unfinished; if a step computes something of it and lets it go, when that ends.
    /// </summary>
    public void DropWhenPossible(Request request)
    {
        if (_inFlight.Count > 0 && request.State is not (RequestState.Waiting or RequestState.Loading))
        {
            _aborted.Add(request);
            return;
        }

        Drop(request);
    }

    /// <summary>Whatever is in flight comes to nothing, and these requests leave.</summary>
    public void Stop(List<Request> requests)
    {
        _simulation.Cancel(_stepEnd);
        _simulation.Cancel(_decision);
        Statistics.StopBusyAt(_simulation.Now);
        requests.ForEach(Drop);
        while (_inFlight.Count > 0)
        {
            _inFlight.Retire();
        }

        (State.InFlight, _run, _hostFree) = (null, default, _simulation.Now);
        _aborted.Clear();
    }

    /// <summary>Plans a step before this instant ends, or when the host is free, if one can be planned.</summary>
    public void DecideIfPossible()
    {
        if (!_inFlight.IsFull && !_replica.IsIdle)
        {
            _simulation.Schedule(_decision, SimTime.Later(_simulation.Now, _hostFree));
        }
    }

    private void Decide()
    {
        Statistics.AdvanceTo(_simulation.Now, State);
        DropAborted();
        if (_replica.IsIdle)
        {
            return;
        }

        // Where nothing could be planned after it the last time, it has been
        StepPlan? inFlight = _inFlight.Oldest;
        if (inFlight is { IsForeseen: false })
        {
            _outcome.Foresee(inFlight);
        }

        StepPlan plan = _inFlight.Next;
        plan.Begin(Statistics.Steps, _simulation.Now);
        (State.InFlight, State.Plan) = (inFlight, plan);
        _scheduler.Schedule(State);
        plan.Complete(State);
        State.Remote.TellReserved(_replica, _observer);
        if (plan.IsEmpty && State.Remote.IsExpected)
        {
            // Blocks that the next plan needs come free, or KV lands, and wakes it
            return;
        }

        Check.That(
            plan.Tokens > 0 || plan.Preempted.Count > 0 || State.RunningCount > 0,
            $"replica {_replica.Name} idles while {State.Waiting.Count} requests wait");
        Check.That(plan.Tokens <= State.Config.MaxNumBatchedTokens, $"a step of {plan.Tokens} tokens");
        int running = State.Prefilling.Count + State.Decoding;
        Check.That(running <= State.Config.MaxNumSeqs, $"{running} requests run");
        Dispatch(plan, inFlight ?? plan);
    }

    private void Dispatch(StepPlan plan, StepPlan oldest)
    {
        StepTime time = _runs.TimeOf(plan);
        SimTime now = _simulation.Now;
        _hostFree = now + time.Host;
        SimTime hostFirst = SimTime.Zero;
        if (oldest != plan)
        {
            hostFirst = SimTime.Later(oldest.End, _hostFree) - oldest.End;
            oldest.End += hostFirst;
        }

        plan.End = SimTime.Later(oldest.End, _hostFree) + plan.Device;
        _inFlight.Dispatch();
        Statistics.Count(plan, State);
        _run = new StepTimes(oldest.End - now, 0, 1);
        if (RunPlanner.MayBeRun(plan, oldest))
        {
            _run = _runs.RunFrom(plan, oldest, hostFirst, now);
        }

        AwaitEnd();
        DecideIfPossible();
        _observer.StepScheduled(_replica, plan);
    }
    /// <summary>Whatever is in flight ends when the oldest step and its run do.</summary>
    private void AwaitEnd()
    {
        SimTime end = _inFlight.Oldest!.End;
        Statistics.CountBusy(_simulation.Now, end);
        _simulation.Schedule(_stepEnd, end - _run.First + new SimTime(_run.TicksWithinClock(_run.Count)));
    }

    private void SettleRun(SimTime time, Phase phase)
    {
        long ticks = (time - WindowStart).Ticks;
        long ended = (_run with { Count = _run.Count - 1 }).EndedAfter(ticks);
        bool endsNow = ended > 0 && _run.TicksWithinClock(ended) == ticks;
        if (endsNow && phase < Phase.Decision)
        {
            SkipSteps(ended - 1);
            if (phase > Phase.StepEnd)
            {
                // It has ended, and nobody has decided yet what follows
                _run = _run with { Count = 1 };
                _simulation.Cancel(_stepEnd);
                EndStep();
                DecideIfPossible();
            }

            return;
        }

        SkipSteps(ended);
    }

    /// <summary>Ends the run with the window that passes now.</summary>
    public void CutRun()
    {
        if (_run.Count <= 1)
        {
            return;
        }

        _run = _run with { Count = 1 };
        _simulation.Schedule(_stepEnd, _inFlight.Oldest!.End);
    }

    /// <summary>The first windows of the run pass, and the one after them begins.</summary>
    private void SkipSteps(long steps)
    {
        if (steps == 0)
        {
            return;
        }

        _outcome.ProcessRun(_run with { Count = steps });
        Advance(steps);
    }

    /// <summary>All but the tokens of <see cref="SkipSteps"/>.</summary>
    private void Advance(long steps)
    {
        SimTime start = WindowStart;
        StepPlan oldest = _inFlight.Oldest!;
        Statistics.CountRun(steps, _run, start, _inFlight.Newest, State);
        State.DecodeAll(steps);
        Statistics.NoteUsedBlocks(State);
        SimTime end = start + new SimTime(_run.TicksWithinClock(steps + 1));
        for (int i = 0; i < _inFlight.Count; i++)
        {
            StepPlan plan = _inFlight[i];
            int behind = _inFlight.Count - 1 - i;
            plan.Skip(steps, start + new SimTime(_run.TicksWithinClock(steps - behind)));
            if (plan != oldest)
            {
                _runs.TimeOf(plan);
                plan.End = end + plan.Device;
            }
        }

        oldest.End = end;
        _run = new StepTimes(
            _run.First + (new SimTime(_run.DifferenceTicks) * steps), _run.DifferenceTicks, _run.Count - steps);
    }

    private void OnStepEnd()
    {
        EndStep();
        if (!_replica.IsIdle)
        {
            _simulation.Continue(_decision);
        }
    }

    private void EndStep()
    {
        StepTimes run = _run;
        if (run.Count > 1)
        {
            Advance(run.Count - 1);
        }

        StepPlan plan = _inFlight.Oldest!;
        Statistics.AdvanceTo(plan.End, State);
        DropAborted();
        _inFlight.Retire();
        StepPlan? next = _inFlight.Oldest;
        State.InFlight = next;
        _outcome.Process(plan, run);
        _observer.StepEnded(_replica, plan);
        if (next is not null)
        {
            _run = new StepTimes(next.Device, 0, 1);
            AwaitEnd();
        }
    }

    private void DropAborted()
    {
        if (_aborted.Count > 0)
        {
            _aborted.ForEach(Drop);
            _aborted.Clear();
        }
    }

    private void Drop(Request request)
    {
        int received = TokensReceivedBy(request);
        for (int i = 0; i < _inFlight.Count; i++)
        {
            _inFlight[i].Forget(request);
        }

        _outcome.Forget(request);
        State.Drop(request, received);
        _observer.Dropped(_replica, request);
    }
}
