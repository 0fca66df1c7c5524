using ServingSim.Engine;
using Xunit;

namespace ServingSim.Tests.Engine;

/// <summary>One step as an observer sees it; requests by their numbers.</summary>
internal sealed record RecordedStep(
    long Start,
    long Duration,
    string Scheduled,
    string Preempted,
    string Admitted,
    string Running,
    string Waiting,
    int RunningCount,
    int WaitingCount,
    string Sampled,
    int FreeBlocks)
{
    /// <summary>Its number on its replica.</summary>
    public long Number { get; init; }

    /// <summary>The number of the last step of its run: its own where every step has its event.</summary>
    public long LastNumber { get; set; }

    /// <summary>Context tokens of that step's decodes.</summary>
    public long LastContextTokens { get; set; }

    /// <summary>When the last step of its run ended.</summary>
    public long Ended { get; set; }

    public string Finished { get; set; } = "";

    public int FreeBlocksAfter { get; set; }
}

/// <summary>Writes down everything that replicas say.</summary>
internal sealed class RecordingObserver : IReplicaObserver
{
    private readonly Dictionary<Replica, List<RecordedStep>> _steps = [];
    private readonly Dictionary<Replica, int> _ended = [];
    private readonly List<Request> _finished = [];
    private int _told;

    public SortedDictionary<(int Class, long Ticks), long> Gaps { get; } = [];

    public List<long> FirstTokens { get; } = [];

    public IReadOnlyList<Request> Finished => _finished;

    public IReadOnlyList<RecordedStep> StepsOf(Replica replica) => _steps.GetValueOrDefault(replica) ?? [];

    public void StepScheduled(Replica replica, StepPlan plan)
    {
        List<Request> running = [];
        for (Request? r = replica.State.FirstRunning; r is not null; r = r.NextRunning)
        {
            running.Add(r);
        }

        HashSet<Request> sampling = [.. plan.Prefills.Where(p => p.Samples).Select(p => p.Request)];
        List<Request> scheduled = [.. running.Where(r => plan.TokensOf(r) > 0)];
        if (!_steps.TryGetValue(replica, out List<RecordedStep>? steps))
        {
            _steps.Add(replica, steps = []);
        }

        Assert.Equal(plan.Tokens, scheduled.Sum(plan.TokensOf));
        steps.Add(new RecordedStep(
            plan.Start.Ticks,
            (plan.End - plan.Start).Ticks,
            Text(scheduled.Select(r => (r.Id.Client, plan.TokensOf(r)))),
            Text(plan.Preempted.Select(Id)),
            Text(plan.Admitted.Select(a => (a.Request.Id.Client, a.HitTokens))),
            Text(running.Select(Id)),
            Text(replica.State.Waiting.InOrder().Select(Id)),
            running.Count,
            replica.State.Waiting.Count,
            Text(scheduled.Where(r => r.State == RequestState.Decoding || sampling.Contains(r)).Select(Id)),
            replica.State.Kv.FreeBlocks)
        {
            Number = plan.Step,
        });
    }

    public void StepEnded(Replica replica, StepPlan plan)
    {
        int ended = _ended.GetValueOrDefault(replica);
        RecordedStep step = _steps[replica][ended];
        _ended[replica] = ended + 1;
        step.Ended = plan.End.Ticks;
        step.LastNumber = plan.Step;
        step.LastContextTokens = plan.DecodeContextTokens;
        step.Finished = Text(_finished.Skip(_told).Select(Id));
        step.FreeBlocksAfter = replica.State.Kv.FreeBlocks;
        _told = _finished.Count;
    }

    public void TokenGaps(ItlClass itlClass, int count, in StepTimes steps)
    {
        for (long i = 0; i < steps.Count; i++)
        {
            (int, long) gap = (itlClass.Index, steps.First.Ticks + (i * steps.DifferenceTicks));
            Gaps[gap] = Gaps.GetValueOrDefault(gap) + count;
        }
    }

    public void FirstToken(Replica replica, Request request) => FirstTokens.Add(request.Id.Client);

    void IReplicaObserver.Finished(Replica replica, Request request) => _finished.Add(request);

    public static string Text<T>(IEnumerable<T> items) => string.Join(' ', items);

    private static long Id(Request request) => request.Id.Client;
}
