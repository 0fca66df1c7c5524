using ServingSim.Engine.Latency;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// The loop of a replica whose layers are spread over the stages of a pipeline, with as many plans in flight as there
/// are stages (vLLM V1 v1/engine/core.py, step_with_batch_queue, its queue as long as pipeline_parallel_size; as of
/// v0.10, an empty batch takes no place in it). To fill the queue comes first: after a plan another is made at once.
/// When the queue is full, or nothing more can be scheduled, the loop sleeps until the oldest step ends, whatever
/// arrives meanwhile. Requests of which a token is in flight are passed over, so that plans hold different requests; of
/// a prompt that takes several chunks, each may be in another plan.
/// <para>
/// A step enters a stage when the stage before has done it and the step before has left this one; its tokens are there
/// when the last stage has done it and the host is free. So the slowest stage sets the rhythm. Two stages, two groups
/// of requests, each a batch that takes a tick and a half on each stage:
/// <code>
/// stage 1 | A     | B     | A'    | B'    | …
/// stage 2         | A     | B     | A'    | …
///         0      1.5      3      4.5      6
///                         A's tokens: A' is planned
/// </code>
/// Every step has its event.
/// </para>
/// </summary>
internal sealed class PipelineLoop : IStepLoop
{
    private readonly Replica _replica;
    private readonly Simulation _simulation;
    private readonly IScheduler _scheduler;
    private readonly IReplicaObserver _observer;
    private readonly PipelineOutcome _outcome;
    private readonly PipelineClock _clock;
    private readonly SimEvent _stepEnd;
    private readonly SimEvent _decision;
    private readonly PlanQueue _inFlight;

    /// <summary>Requests whose clients gave up while something was in flight.</summary>
    private readonly List<Request> _aborted = [];

    internal PipelineLoop(Replica replica, Simulation simulation, ReplicaParts parts, IReplicaObserver observer)
    {
        (_replica, _simulation, _scheduler, _observer) = (replica, simulation, parts.Scheduler, observer);
        (State, Statistics) = (replica.State, replica.Statistics);
        _outcome = new PipelineOutcome(replica, observer);
        _clock = new PipelineClock(parts.Config.PipelineStages, parts.Latency, parts.Stages!);
        EventSource source = simulation.AddSource($"replica {replica.Name}");
        _stepEnd = new SimEvent(source, Phase.StepEnd, OnStepEnd);
        _decision = new SimEvent(source, Phase.Decision, Decide);
        _inFlight = new PlanQueue(parts.Config.PipelineStages);
    }

    private ReplicaState State { get; }

    private ReplicaStatistics Statistics { get; }

    /// <inheritdoc/>
    public int TokensReceivedBy(Request request) => request.GeneratedTokens - (request.AwaitsToken ? 1 : 0);

    /// <inheritdoc/>
    public void Watch(Request request)
    {
        // It is seen when its token is there, and nothing was planned of it meanwhile
    }

    /// <inheritdoc/>
    public bool ReactsTo(Request arrival) => false;

    /// <inheritdoc/>
    public void CutRun()
    {
        // There are none
    }

    /// <inheritdoc/>
    public void SettleTo(SimTime time, Phase phase)
    {
        bool overdue = _inFlight.Oldest is { } oldest
            && (oldest.End < time || (oldest.End == time && phase > Phase.StepEnd));
        Check.That(!overdue, $"replica {_replica.Name} has a step that ended before {time} {phase}");
        Statistics.AdvanceTo(time, State);
    }

    /// <inheritdoc/>
    public void ChangeLatency(ILatencyModel latency) => _clock.Latency = latency;

    /// <inheritdoc/>
    public void DropWhenPossible(Request request)
    {
        if (_inFlight.Count > 0 && request.State is not (RequestState.Waiting or RequestState.Loading))
        {
            _aborted.Add(request);
            return;
        }

        Drop(request);
    }

    /// <inheritdoc/>
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

        _clock.StopAt(_simulation.Now);
        _aborted.Clear();
    }

    /// <inheritdoc/>
    public void DecideIfPossible()
    {
        // With something in flight it sleeps, or has decided to decide
        if (_inFlight.Count == 0 && !_replica.IsIdle)
        {
            DecideWhenFree();
        }
    }

    /// <summary>Looks again, at what will have arrived by then, too.</summary>
    private void DecideWhenFree()
    {
        if (!_inFlight.IsFull)
        {
            _simulation.Schedule(_decision, SimTime.Later(_simulation.Now, _clock.HostFree));
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

        StepPlan plan = _inFlight.Next;
        plan.Begin(Statistics.Steps, _simulation.Now);
        State.Plan = plan;
        _scheduler.Schedule(State);
        State.Remote.TellReserved(_replica, _observer);
        if (plan.IsEmpty && (_inFlight.Count > 0 || State.Remote.IsExpected))
        {
            // The oldest step's end wakes it, or blocks that come free, or KV that lands
            return;
        }

        Check.That(
            plan.Tokens > 0 || plan.Preempted.Count > 0,
            $"replica {_replica.Name} idles while {State.Waiting.Count} requests wait");
        Check.That(plan.Tokens <= State.Config.MaxNumBatchedTokens, $"a step of {plan.Tokens} tokens");
        Check.That(State.RunningCount <= State.Config.MaxNumSeqs, $"{State.RunningCount} requests run");
        Dispatch(plan);
    }

    private void Dispatch(StepPlan plan)
    {
        plan.End = _clock.Pass(plan, _simulation.Now);
        _inFlight.Dispatch();
        Statistics.Count(plan, State);
        AwaitEnd();
        _observer.StepScheduled(_replica, plan);
        _outcome.Depart(plan);
        DecideWhenFree();
    }

    /// <summary>The oldest step's tokens are processed when it has left the pipeline and the host is free.</summary>
    private void AwaitEnd()
    {
        StepPlan oldest = _inFlight.Oldest!;
        oldest.End = SimTime.Later(oldest.End, _clock.HostFree);
        Statistics.CountBusy(_simulation.Now, oldest.End);
        _simulation.Schedule(_stepEnd, oldest.End);
    }

    private void OnStepEnd()
    {
        StepPlan plan = _inFlight.Oldest!;
        Statistics.AdvanceTo(plan.End, State);
        DropAborted();
        _inFlight.Retire();
        if (_inFlight.Count > 0)
        {
            AwaitEnd();
        }

        _outcome.Arrive(plan);
        _observer.StepEnded(_replica, plan);
        DecideWhenFree();
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

        request.AwaitsToken = false;
        State.Drop(request, received);
        _observer.Dropped(_replica, request);
    }
}
