using ServingSim.Engine;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;
using ServingSim.Tests.Oracle;
using Xunit;

namespace ServingSim.Tests.Engine;

/// <summary>A replica does, step by step, what vLLM's own scheduler and block manager did.</summary>
public sealed class EngineLogReplayTests
{
    private const string Mid = "engine_logs/v1_mid.json.gz";
    private const string Late = "engine_logs/v1_late.json.gz";
    private const string LateAsync = "engine_logs/v1_late_async.json.gz";

    [SharedDataFact(Mid)]
    public void The_fcfs_scheduler_of_February_2026_is_replayed() => Replay(Mid, "v1_mid", "fcfs");

    [SharedDataFact(Mid)]
    public void The_priority_scheduler_of_February_2026_is_replayed() => Replay(Mid, "v1_mid", "priority");

    [SharedDataFact(Late)]
    public void The_fcfs_scheduler_of_August_2026_is_replayed() => Replay(Late, "v1_late", "fcfs");

    [SharedDataFact(Late)]
    public void The_priority_scheduler_of_August_2026_is_replayed() => Replay(Late, "v1_late", "priority");

    /// <summary>
    /// A tick of host time and one of device time make iteration s of the engine's loop, which decides step s, begin at
    /// tick s, and the step that it processes end a tick later.
    /// </summary>
    [SharedDataFact(LateAsync)]
    public void The_asynchronous_scheduler_of_August_2026_is_replayed()
    {
        IReadOnlyList<EngineLogCase> cases = EngineLog.Read(SharedData.Find(LateAsync)!);
        Assert.Equal(60, cases.Count);
        Assert.All(cases, ReplayAsync);
    }

    private static void ReplayAsync(EngineLogCase log)
    {
        ReplicaRun run = RunOf(log, plansInFlight: 2, new AffineLatency(1, HostStep: 1));
        foreach ((EngineLogStep expected, RecordedStep actual) in log.Decided.Zip(run.Steps))
        {
            Assert.Equal(Decision(Expected(expected, actual)), Decision(actual));
        }

        Assert.Equal(log.Decided.Count(), run.Steps.Count);
        HashSet<long> ended = [];
        foreach (EngineLogStep record in log.Steps.Where(s => s.Processed is not null))
        {
            if (run.Steps.SingleOrDefault(s => s.Start == record.Processed) is not { } step)
            {
                continue;
            }

            Assert.Equal(record.Number + 1, step.Ended);
            Assert.Equal(record.FreeBlocksAfter, step.FreeBlocksAfter);
            Assert.Equal(RecordingObserver.Text(record.Finished), step.Finished);
            IEnumerable<string> kept = step.Sampled.Split(' ').Where(id => id != "" && !ended.Contains(long.Parse(id)));
            Assert.Equal(RecordingObserver.Text(record.Sampled), RecordingObserver.Text(kept));
            ended.UnionWith(record.Finished.Select(id => (long)id));
        }

        Assert.Equal(log.Outputs, run.Observer.Finished.OrderBy(r => r.Id.Client).Select(r => r.GeneratedTokens));
        CompareTotals(log, run);
    }

    /// <summary>What a step decided, without what came of it.</summary>
    private static RecordedStep Decision(RecordedStep step) =>
        step with { Duration = 1, Sampled = "", Finished = "", Ended = step.Start + 1, FreeBlocksAfter = 0 };

    private static void Replay(string file, string prefix, string policy)
    {
        string folder = Path.GetDirectoryName(SharedData.Find(file))!;
        List<EngineLogCase> cases =
            [.. EngineLog.ReadAll(folder, prefix).Where(log => log.Config.Policy == policy)];
        Assert.NotEmpty(cases);
        cases.ForEach(Replay);
    }

    private static void Replay(EngineLogCase log)
    {
        ReplicaRun run = RunOf(log, plansInFlight: 1, new AffineLatency(1));
        foreach ((EngineLogStep expected, RecordedStep actual) in log.Steps.Zip(run.Steps))
        {
            Assert.Equal(Expected(expected, actual), actual);
        }

        Assert.Equal(log.Summary.Steps, run.Steps.Count);
        CompareTotals(log, run);
    }

    private static void CompareTotals(EngineLogCase log, ReplicaRun run)
    {
        Assert.Equal(log.Summary.Preemptions, run.Replica.Statistics.Preemptions);
        long hits = run.Replica.Statistics.PrefixHits + run.Replica.Statistics.PreemptedPrefixHits;
        Assert.Equal(log.Summary.HitTokens, hits);
    }

    private static ReplicaRun RunOf(EngineLogCase log, int plansInFlight, AffineLatency latency)
    {
        EngineConfig config = A.Config(
            log.Config.NumGpuBlocks,
            log.Config.BlockSize,
            log.Config.MaxNumBatchedTokens,
            log.Config.MaxNumSeqs,
            log.Config.MaxModelLen,
            log.Config.EnableChunkedPrefill,
            log.Config.LongPrefillTokenThreshold,
            log.Config.EnablePrefixCaching);
        config = config with { MaxPlansInFlight = plansInFlight };
        VllmV1LateOptions? late = log.Config.Watermark is { } watermark
            ? new VllmV1LateOptions(log.Config.SchedulerReserveFullIsl!.Value, watermark)
            : null;
        IWaitingQueue waiting = log.Config.Policy == "priority" ? new PriorityQueuePolicy() : new FcfsQueue();
        return ReplicaRun.Of(
            A.Parts(config, latency, late, waiting),
            log.Requests.OrderBy(r => r.Arrival).ThenBy(r => r.Id).Select(RequestOf));
    }

    private static Request RequestOf(EngineLogRequest request)
    {
        TokenSegment[] prompt = [.. request.Prompt.Select(p => new TokenSegment(A.Stream(p.Stream), p.Tokens))];
        SimTime arrival = new(request.Arrival);
        return new Request(
            new RequestId(request.Id, 0), PromptContent.Of(prompt), OutputLength.Of(request.MaxTokens), arrival)
        {
            Priority = request.Priority ?? 0,
            StopsAfter = request.EosAt,

            // The recorded times are multiples of 1e-4
            FrontEndArrival = request.ArrivalTime is { } time ? new SimTime((long)Math.Round(time * 1e4)) : arrival,
        };
    }

    /// <summary>The recorded step in an observer's form; big cases record no order of running and waiting.</summary>
    private static RecordedStep Expected(EngineLogStep step, RecordedStep actual) => new(
        step.Number,
        1,
        RecordingObserver.Text(step.Scheduled),
        RecordingObserver.Text(step.Preempted),
        RecordingObserver.Text(step.Admitted),
        step.Running is null ? actual.Running : RecordingObserver.Text(step.Running),
        step.Waiting is null ? actual.Waiting : RecordingObserver.Text(step.Waiting),
        step.RunningCount,
        step.WaitingCount,
        RecordingObserver.Text(step.Sampled),
        step.FreeBlocks)
    {
        Number = actual.Number,
        LastNumber = actual.Number,
        LastContextTokens = actual.LastContextTokens,
        Finished = RecordingObserver.Text(step.Finished),
        Ended = step.Number + 1,
        FreeBlocksAfter = step.FreeBlocksAfter,
    };
}
