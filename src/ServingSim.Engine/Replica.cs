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
public sealed class Replica
{
    private readonly Simulation _simulation;
    private readonly IScheduler _scheduler;
    private readonly ILatencyModel _latency;
    private readonly IReplicaObserver _observer;
    private readonly SimEvent _stepEnd;
    private readonly SimEvent _decision;
    private readonly Queue<StepPlan> _inFlight = new();
    private readonly Queue<StepPlan> _spare = new();
    private readonly StepOutcome _outcome;

    /// <summary>The plan that was dispatched last.</summary>
    private StepPlan? _newest;

    /// <summary>
    /// How long the oldest step in flight will have been that, and those that follow it in its run: the windows.
    /// </summary>
    private StepTimes _run;

    /// <summary>When the host's time for the last plan is over.</summary>
    private SimTime _hostFree;

    /// <summary>An idle replica with an empty cache.</summary>
    /// <param name="simulation">The clock.</param>
    /// <param name="name">How messages and results call it: "main/0".</param>
    /// <param name="parts">What it is made of; no part is shared with another replica.</param>
    /// <param name="observer">Who hears of everything.</param>
    public Replica(Simulation simulation, string name, ReplicaParts parts, IReplicaObserver observer)
    {
        IEnumerable<string> problems = parts.Config.Problems();
        foreach (string problem in problems.Concat(parts.Scheduler.Problems(parts.Config, parts.Waiting)))
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
        for (int i = 0; i < parts.Config.MaxPlansInFlight; i++)
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

    /// <summary>
    /// Why it could never serve such a prompt; null if it could (vLLM V1 answers HTTP 400, V0 nothing but an end).
    /// </summary>
    public string? ReasonToRefuse(int promptTokens) =>
        promptTokens < State.Config.MaxModelLen && _scheduler.CanEverAdmit(State, promptTokens) ? null : "too_long";

    /// <summary>Tokens that a request of this replica has got; those of steps in flight are yet to come.</summary>
    public int TokensReceivedBy(Request request) => request.GeneratedTokens - _inFlight.Count(plan => plan.IsForeseen
        ? plan.OwesTokenTo(request)
        : request.State == RequestState.Decoding && plan.TokensOf(request) > 0);

    /// <summary>
    /// Queues a request, now; a replica that can plan a step does so before this instant ends.
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
        if (request.StopsAfter < request.OutputLimit)
        {
            _outcome.Watch(request);
        }

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

    /// <summary>Tells what the prefix cache holds and whatever changes of that; nothing with caching off.</summary>
    public void TellOfCache(IKvCacheObserver observer) => State.Kv.Tell(observer);

    /// <summary>
    /// Brings what is told of the cache to (<paramref name="time"/>, <paramref name="phase"/>) as far as it could
    /// matter to a prompt: blocks that decoding fills are otherwise told of when their request ends.
    /// </summary>
    public void ShowCached(PromptContent prompt, SimTime time, Phase phase)
    {
        SettleTo(time, phase);
        State.Kv.KeepFilledOf(prompt);
    }

    private SimTime WindowStart => _inFlight.Peek().End - _run.First;

    private void DecideIfPossible()
    {
        if (_inFlight.Count < State.Config.MaxPlansInFlight && !IsIdle)
        {
            _simulation.Schedule(_decision, SimTime.Later(_simulation.Now, _hostFree));
        }
    }

    private void Decide()
    {
        Statistics.AdvanceTo(_simulation.Now, State);
        if (_inFlight.TryPeek(out StepPlan? inFlight))
        {
            _outcome.Foresee(inFlight);
        }

        StepPlan plan = _spare.Dequeue();
        plan.Begin(Statistics.Steps, _simulation.Now);
        (State.InFlight, State.Plan) = (inFlight, plan);
        _scheduler.Schedule(State);
        plan.Complete(State);
        Check.That(
            plan.Tokens > 0 || plan.Preempted.Count > 0 || State.RunningCount > 0,
            $"replica {Name} idles while {State.Waiting.Count} requests wait");
        Check.That(plan.Tokens <= State.Config.MaxNumBatchedTokens, $"a step of {plan.Tokens} tokens");
        int running = State.Prefilling.Count + State.Decoding;
        Check.That(running <= State.Config.MaxNumSeqs, $"{running} requests run");
        Dispatch(plan, inFlight ?? plan);
    }

    private void Dispatch(StepPlan plan, StepPlan oldest)
    {
        StepTime time = TimeOf(plan);
        SimTime now = _simulation.Now;
        _hostFree = now + time.Host;
        SimTime hostFirst = SimTime.Zero;
        if (oldest != plan)
        {
            hostFirst = SimTime.Later(oldest.End, _hostFree) - oldest.End;
            oldest.End += hostFirst;
        }

        plan.End = SimTime.Later(oldest.End, _hostFree) + plan.Device;
        _inFlight.Enqueue(plan);
        _newest = plan;
        Statistics.Count(plan, State);
        _run = new StepTimes(oldest.End - now, 0, 1);
        if (MayBeRun(plan, oldest))
        {
            _run = RunFrom(plan, oldest, hostFirst);
        }

        AwaitEnd();
        DecideIfPossible();
        _observer.StepScheduled(this, plan);
    }
    /// <summary>What a plan costs, its device time noted in it.</summary>
    private StepTime TimeOf(StepPlan plan)
    {
        bool repeats = plan.OnlyDecodes && State.Config.MaxRunSteps > 1 && !_outcome.HoldsSurprises;
        plan.Line = repeats ? _latency.DecodeLine(plan.Decodes, plan.DecodeContextTokens) : null;
        StepTime time = plan.Line?.Time ?? _latency.TimeOf(plan.Shape);
        plan.Device = SimTime.Later(time.Device, SimTime.OneTick);
        return time;
    }

    /// <summary>
    /// Whether all steps in flight are decodes of the same requests, of whom none ends in the oldest.
    /// </summary>
    private static bool MayBeRun(StepPlan plan, StepPlan oldest) =>
        plan.Line is not null
        && oldest.Line is not null
        && oldest.Decodes == plan.Decodes
        && oldest.Ending.Count == 0;

    /// <summary>
    /// The windows of the oldest step and of those that will do the same again: until somebody finishes, blocks run
    /// out, or the scheduler no longer says so.
    /// </summary>
    /// <param name="plan">The last plan, after which nothing would change.</param>
    /// <param name="oldest">The step whose window begins.</param>
    /// <param name="hostLonger">By how much the host's time exceeds the device's in this window.</param>
    private StepTimes RunFrom(StepPlan plan, StepPlan oldest, SimTime hostLonger)
    {
        DecodeLine line = oldest.Line!.Value;
        long more = Math.Min(State.Config.MaxRunSteps - 1L, State.Cohort.StepsToNextFinish);
        more = more == 0 ? 0 : State.Cohort.StepsWithin(State.Kv.FreeBlocks, more);
        more = Math.Min(more, (line.LastContextTokens - oldest.DecodeContextTokens) / plan.Decodes);
        long difference = line.TicksPerContextToken * plan.Decodes;
        if (hostLonger > SimTime.Zero)
        {
            // The device's time grows in its shadow, as far as that reaches
            more = difference == 0 ? more : Math.Min(more, hostLonger.Ticks / difference);
            difference = 0;
        }

        SimTime now = _simulation.Now;
        int stable = more == 0 ? 1 : _scheduler.StableSteps(State);
        StepTimes run = new(oldest.End - now, difference, Math.Min(more, stable) + 1);
        return stable > 1 && run.TicksOf(run.Count) <= (SimTime.Max - now).Ticks ? run : run with { Count = 1 };
    }

    /// <summary>Whatever is in flight ends when the oldest step and its run do.</summary>
    private void AwaitEnd()
    {
        SimTime end = _inFlight.Peek().End;
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
    private void CutRun()
    {
        _run = _run with { Count = 1 };
        _simulation.Schedule(_stepEnd, _inFlight.Peek().End);
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
        StepPlan oldest = _inFlight.Peek();
        Statistics.CountRun(steps, _run, start, _newest!, State);
        State.DecodeAll(steps);
        Statistics.NoteUsedBlocks(State);
        SimTime end = start + new SimTime(_run.TicksWithinClock(steps + 1));
        int behind = _inFlight.Count - 1;
        foreach (StepPlan plan in _inFlight)
        {
            plan.Skip(steps, start + new SimTime(_run.TicksWithinClock(steps - behind)));
            behind--;
            if (plan != oldest)
            {
                TimeOf(plan);
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
        _inFlight.TryPeek(out StepPlan? next);
        State.InFlight = next;
        _outcome.Process(plan, run);
        _observer.StepEnded(this, plan);
        _spare.Enqueue(plan);
        if (next is not null)
        {
            _run = new StepTimes(next.Device, 0, 1);
            AwaitEnd();
        }
    }
}
