using ServingSim.Engine.Kv;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// One model instance over its GPUs, from outside: what requests it has, what happens to them, and what it has done.
/// Its steps are those of <see cref="StepLoop"/>, in a pipeline of <see cref="PipelineLoop"/>.
/// </summary>
public sealed class Replica
{
    private readonly Simulation _simulation;
    private readonly IScheduler _scheduler;
    private readonly IStepLoop _loop;
    private readonly IReplicaObserver _observer;

    /// <summary>An idle replica with an empty cache.</summary>
    /// <param name="simulation">The clock.</param>
    /// <param name="name">How messages and results call it: "main/0".</param>
    /// <param name="parts">What it is made of; only the latency model may be shared.</param>
    /// <param name="observer">Who hears of everything.</param>
    public Replica(Simulation simulation, string name, ReplicaParts parts, IReplicaObserver observer)
    {
        IEnumerable<string> problems = parts.Config.Problems();
        foreach (string problem in problems.Concat(parts.Scheduler.Problems(parts.Config, parts.Waiting)))
        {
            throw new InvariantException($"replica {name}: {problem}");
        }

        (_simulation, Name, _scheduler, _observer) = (simulation, name, parts.Scheduler, observer);
        Statistics = new ReplicaStatistics(parts.Measured);
        State = new ReplicaState(parts.Config, new KvCache(parts.Config, parts.Eviction), parts.Waiting);
        _loop = parts.Config.PipelineStages > 1
            ? new PipelineLoop(this, simulation, parts, observer)
            : new StepLoop(this, simulation, parts, observer);
    }

    /// <summary>How messages and results call it.</summary>
    public string Name { get; }

    /// <summary>Its requests and their KV, as the scheduler sees them.</summary>
    public ReplicaState State { get; }

    /// <summary>What it has done so far; integrals up to the last <see cref="SettleTo"/> or change.</summary>
    public ReplicaStatistics Statistics { get; }

    /// <summary>Whether it has no request at all.</summary>
    public bool IsIdle => State.RunningCount + State.WaitingCount == 0;

    /// <summary>Whether it works; one that has crashed takes no request.</summary>
    public bool IsUp { get; private set; } = true;

    /// <summary>
    /// Why it could never serve such a prompt; null if it could (vLLM V1 answers HTTP 400, V0 nothing but an end).
    /// </summary>
    public string? ReasonToRefuse(int promptTokens) =>
        promptTokens < State.Config.MaxModelLen && _scheduler.CanEverAdmit(State, promptTokens) ? null : "too_long";

    /// <summary>Tokens that a request of this replica has got; those of steps in flight are yet to come.</summary>
    public int TokensReceivedBy(Request request) => _loop.TokensReceivedBy(request);

    /// <summary>
    /// Queues a request, now; a replica that can plan a step does so before this instant ends.
    /// </summary>
    public void Enqueue(Request request)
    {
        Check.That(ReasonToRefuse(request.PromptTokens) is null, $"request {request.Id} can never be served");
        Expect(request);
        if (_loop.ReactsTo(request))
        {
            _loop.CutRun();
        }

        State.Waiting.Enqueue(request);
        _loop.DecideIfPossible();
    }

    /// <summary>
    /// Sets blocks aside, now, for the prompt of a request whose KV comes from elsewhere and that has a first token
    /// already, without the scheduler's way through the queue (DistServe); false, and nothing happens, if blocks are
    /// short. Its observer hears how many blocks are missing.
    /// </summary>
    public bool TryReserve(Request request)
    {
        Interrupt();
        if (!State.Remote.TryReserve(request, State.FindHit(request)))
        {
            return false;
        }

        Expect(request);
        State.Remote.TellReserved(this, _observer);
        return true;
    }

    /// <summary>
    /// Somebody waits for blocks to set aside for this prompt, or nobody does: where it quotes outputs, of which blocks
    /// may come to be cached here with any step, every step has its event.
    /// </summary>
    public void WaitForRoom(PromptContent? prompt)
    {
        Interrupt();
        State.Remote.IsWatched = State.Config.EnablePrefixCaching && prompt?.QuotesFrom is not null;
    }

    /// <summary>The KV that a request awaited has been written: it runs as soon as a step can take it.</summary>
    public void KvLanded(Request request)
    {
        Interrupt();
        State.Remote.Land(request);
        DropIfAborted(request);
        _loop.DecideIfPossible();
    }

    /// <summary>
    /// The KV that a request awaited will never come: it goes to the head of the queue and computes its prompt itself
    /// (vLLM's kv_load_failure_policy recompute).
    /// </summary>
    public void KvLost(Request request)
    {
        Interrupt();
        State.Remote.GiveUp(request);
        DropIfAborted(request);
        _loop.DecideIfPossible();
    }

    /// <summary>The KV that a finished request left behind has been read, or will never be.</summary>
    public void ReleaseKv(Request finished)
    {
        Interrupt();
        State.Remote.Unpin(finished);
        _loop.DecideIfPossible();
    }

    /// <summary>
    /// The client of one of its requests gives up. What no step computes leaves at once; of what one does the token is
    /// dropped and the KV given back when the step ends, before its tokens are processed (vLLM V1: aborts are drained
    /// before update_from_output), or when the next is planned; blocks that are written to from elsewhere are given
    /// back when that has ended.
    /// </summary>
    public void Abort(Request request)
    {
        Check.That(!request.IsAborted, $"request {request.Id} is aborted already");
        Interrupt();
        request.IsAborted = true;
        if (request.State != RequestState.Loading || !request.AwaitsKv)
        {
            _loop.DropWhenPossible(request);
        }

        _loop.DecideIfPossible();
    }

    /// <summary>
    /// It breaks: all requests, all KV and whatever it computed are gone. Returns the requests, the running ones first,
    /// then those whose KV was on its way, then those that waited. KV that finished requests left behind is to be
    /// released before.
    /// </summary>
    public IReadOnlyList<Request> Crash()
    {
        Check.That(IsUp && State.Remote.Pinned.Count == 0, $"replica {Name} is down, or holds KV for others");
        Interrupt();
        List<Request> lost = [];
        for (Request? request = State.FirstRunning; request is not null; request = request.NextRunning)
        {
            lost.Add(request);
        }

        lost.AddRange(State.Remote.Loading);
        lost.AddRange(State.Waiting.InOrder());
        _loop.Stop(lost);
        Check.That(State.Kv.TryReset(), $"replica {Name} holds KV of nobody");
        IsUp = false;
        return lost;
    }

    /// <summary>It works again, with an empty cache.</summary>
    public void Start()
    {
        Check.That(!IsUp, $"replica {Name} works");
        IsUp = true;
    }

    /// <summary>The steps that are planned from now on take as long as this model says.</summary>
    public void ChangeLatency(ILatencyModel latency)
    {
        Interrupt();
        _loop.ChangeLatency(latency);
    }

    /// <summary>
    /// Brings everything that can be read of the replica to (<paramref name="time"/>, <paramref name="phase"/>), in
    /// event order; every outside reader calls it first.
    /// </summary>
    public void SettleTo(SimTime time, Phase phase) => _loop.SettleTo(time, phase);

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

    /// <summary>A request comes in, now.</summary>
    private void Expect(Request request)
    {
        Check.That(IsUp, $"replica {Name} is down");
        Check.That(request.Arrival == _simulation.Now, $"request {request.Id} arrives at {request.Arrival}");
        SettleTo(_simulation.Now, _simulation.Phase);
        request.LimitTo(State.Config.MaxModelLen);
        if (request.StopsAfter < request.OutputLimit)
        {
            _loop.Watch(request);
        }
    }

    /// <summary>Something happens from outside that may change the next plan.</summary>
    private void Interrupt()
    {
        SettleTo(_simulation.Now, _simulation.Phase);
        _loop.CutRun();
    }

    private void DropIfAborted(Request request)
    {
        if (request.IsAborted)
        {
            _loop.DropWhenPossible(request);
        }
    }
}
