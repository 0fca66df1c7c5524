using ServingSim.Engine.Kv;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// One model instance over its GPUs: queue, schedule, time, process, again. A step that ends is processed before
/// requests that arrive at the same instant are queued, and both before the next step is planned (vLLM V1: the input
/// queue is drained between steps).
/// <para>
/// Steps that only decode, and are followed by steps that do the same again, make a run: one event ends them all. The
/// plan in flight is that of the step that computes now, as if each had had its event: <see cref="SettleTo"/> brings it
/// there.
/// </para>
/// </summary>
public sealed class Replica
{
    /// <summary>Plans in flight at most: one, until asynchronous scheduling.</summary>
    private const int Depth = 1;

    private readonly Simulation _simulation;
    private readonly IScheduler _scheduler;
    private readonly ILatencyModel _latency;
    private readonly IReplicaObserver _observer;
    private readonly SimEvent _stepEnd;
    private readonly SimEvent _decision;
    private readonly Queue<StepPlan> _inFlight = new(Depth);
    private readonly Queue<StepPlan> _spare = new(Depth);
    private readonly StepOutcome _outcome;

    /// <summary>The step in flight and those that follow it in its run.</summary>
    private StepTimes _run;

    /// <summary>An idle replica with an empty cache.</summary>
    /// <param name="simulation">The clock.</param>
    /// <param name="name">How messages and results call it: "main/0".</param>
    /// <param name="parts">What it is made of; no part is shared with another replica.</param>
    /// <param name="observer">Who hears of everything.</param>
    public Replica(Simulation simulation, string name, ReplicaParts parts, IReplicaObserver observer)
    {
        foreach (string problem in parts.Config.Problems())
        {
            throw new InvariantException($"replica {name}: {problem}");
        }

        (_simulation, Name, _observer) = (simulation, name, observer);
        (_scheduler, _latency) = (parts.Scheduler, parts.Latency);
        Statistics = new ReplicaStatistics(parts.Measured);
        State = new ReplicaState(parts.Config, new KvCache(parts.Config, parts.Eviction), parts.Waiting);
        _outcome = new StepOutcome(this, observer);
        EventSource source = simulation.AddSource($"replica {name}");
        _stepEnd = new SimEvent(source, Phase.StepEnd, OnStepEnd);
        _decision = new SimEvent(source, Phase.Decision, Decide);
        for (int i = 0; i < Depth; i++)
        {
            _spare.Enqueue(new StepPlan());
        }
    }

    /// <summary>How messages and results call it.</summary>
    public string Name { get; }

    /// <summary>Its requests and their KV, as the scheduler sees them.</summary>
    public ReplicaState State { get; }

    /// <summary>What it has done so far; integrals up to the last <see cref="SettleTo"/> or change.</summary>
    public ReplicaStatistics Statistics { get; }

    /// <summary>Whether it has no request at all.</summary>
    public bool IsIdle => State.RunningCount + State.Waiting.Count == 0;

    /// <summary>Why it could never serve such a prompt; null if it could (vLLM V1 answers HTTP 400).</summary>
    public string? ReasonToRefuse(int promptTokens) => promptTokens >= State.Config.MaxModelLen ? "too_long" : null;

    /// <summary>Tokens that a request of this replica has got; the token of a step in flight is yet to come.</summary>
    public int TokensReceivedBy(Request request)
    {
        bool inFlight = request.State == RequestState.Decoding && _inFlight.Any(plan => plan.TokensOf(request) > 0);
        return request.GeneratedTokens - (inFlight ? 1 : 0);
    }

    /// <summary>
    /// Queues a request, now; a replica with nothing in flight plans a step before this instant ends.
    /// </summary>
    public void Enqueue(Request request)
    {
        Check.That(ReasonToRefuse(request.PromptTokens) is null, $"request {request.Id} can never be served");
        Check.That(request.Arrival == _simulation.Now, $"request {request.Id} arrives at {request.Arrival}");
        SettleTo(_simulation.Now, _simulation.Phase);
        if (_run.Count > 1 && _scheduler.ReactsTo(new Wake(WakeKind.Arrival, request), State))
        {
            CutRun();
        }

        request.LimitTo(State.Config.MaxModelLen);
        State.Waiting.Enqueue(request);
        DecideIfPossible();
    }

    /// <summary>
    /// Brings everything that can be read of the replica to (<paramref name="time"/>, <paramref name="phase"/>), in
    /// event order; every outside reader calls it first.
    /// </summary>
    public void SettleTo(SimTime time, Phase phase)
    {
        if (_run.Count > 1)
        {
            SettleRun(time, phase);
        }

        bool overdue = _inFlight.TryPeek(out StepPlan? oldest)
            && (oldest.End < time || (oldest.End == time && phase > Phase.StepEnd));
        Check.That(!overdue, $"replica {Name} has a step that ended before {time} {phase}");
        Statistics.AdvanceTo(time, State);
    }

    private void DecideIfPossible()
    {
        if (_inFlight.Count < Depth && !IsIdle)
        {
            _simulation.Schedule(_decision, _simulation.Now);
        }
    }

    private void Decide()
    {
        StepPlan plan = _spare.Dequeue();
        Statistics.AdvanceTo(_simulation.Now, State);
        plan.Begin(Statistics.Steps, _simulation.Now);
        State.Plan = plan;
        _scheduler.Schedule(State);
        Check.That(
            plan.Tokens > 0 || plan.Preempted.Count > 0 || State.RunningCount > 0,
            $"replica {Name} idles while {State.Waiting.Count} requests wait");
        Check.That(plan.Tokens <= State.Config.MaxNumBatchedTokens, $"a step of {plan.Tokens} tokens");
        Check.That(State.RunningCount <= State.Config.MaxNumSeqs, $"{State.RunningCount} requests run");
        Dispatch(plan);
    }

    private void Dispatch(StepPlan plan)
    {
        DecodeLine? line = MayBeRun(plan) ? _latency.DecodeLine(plan.Decodes, plan.DecodeContextTokens) : null;
        SimTime duration = SimTime.Later(line?.Time ?? _latency.TimeOf(plan.Shape).Sum, SimTime.OneTick);
        plan.End = plan.Start + duration;
        Statistics.Count(plan, State);
        _inFlight.Enqueue(plan);
        _run = line is { } straight ? RunFrom(plan, duration, straight) : new StepTimes(duration, 0, 1);
        _simulation.Schedule(_stepEnd, plan.Start + new SimTime(_run.TicksWithinClock(_run.Count)));
        _observer.StepScheduled(this, plan);
    }

    private bool MayBeRun(StepPlan plan) =>
        plan.OnlyDecodes && State.Config.MaxRunSteps > 1 && !_outcome.SomebodyLags;

    /// <summary>
    /// The planned step and those that will do the same again: until somebody finishes, blocks run out, or the
    /// scheduler no longer says so.
    /// </summary>
    private StepTimes RunFrom(StepPlan plan, SimTime duration, DecodeLine line)
    {
        StepTimes alone = new(duration, 0, 1);
        long more = Math.Min(State.Config.MaxRunSteps - 1L, State.Cohort.StepsToNextFinish);
        more = more == 0 ? 0 : State.Cohort.StepsWithin(State.Kv.FreeBlocks, more);
        more = Math.Min(more, (line.LastContextTokens - plan.DecodeContextTokens) / plan.Decodes);
        int stable = more == 0 ? 1 : _scheduler.StableSteps(State);
        StepTimes run = new(duration, line.TicksPerContextToken * plan.Decodes, Math.Min(more, stable) + 1);
        return stable > 1 && run.TicksOf(run.Count) <= (SimTime.Max - plan.Start).Ticks ? run : alone;
    }

    private void SettleRun(SimTime time, Phase phase)
    {
        StepPlan plan = _inFlight.Peek();
        long ticks = (time - plan.Start).Ticks;
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

    /// <summary>Ends the run with the step that computes now.</summary>
    private void CutRun()
    {
        _run = _run with { Count = 1 };
        _simulation.Schedule(_stepEnd, _inFlight.Peek().End);
    }

    /// <summary>The first steps of the run end, and the one after them begins.</summary>
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
        StepPlan plan = _inFlight.Peek();
        Statistics.CountRun(steps, _run, plan, State);
        State.DecodeAll(steps);
        Statistics.NoteUsedBlocks(State);
        SimTime start = plan.Start + new SimTime(_run.TicksWithinClock(steps));
        _run = new StepTimes(
            _run.First + (new SimTime(_run.DifferenceTicks) * steps), _run.DifferenceTicks, _run.Count - steps);
        plan.Skip(steps, start, start + _run.First);
    }

    private void OnStepEnd()
    {
        EndStep();
        if (!IsIdle)
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

        StepPlan plan = _inFlight.Dequeue();
        Statistics.AdvanceTo(plan.End, State);
        _outcome.Process(plan, run);
        _observer.StepEnded(this, plan);
        _spare.Enqueue(plan);
    }
}
