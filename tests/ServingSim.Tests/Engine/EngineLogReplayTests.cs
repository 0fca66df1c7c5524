using ServingSim.Engine;
using ServingSim.Tests.Oracle;
using Xunit;

namespace ServingSim.Tests.Engine;

/// <summary>A replica does, step by step, what vLLM's own scheduler and block manager did.</summary>
public sealed class EngineLogReplayTests
{
    private const string Mid = "engine_logs/v1_mid.json.gz";

    [SharedDataFact(Mid)]
    public void The_fcfs_scheduler_of_February_2026_is_replayed()
    {
        string folder = Path.GetDirectoryName(SharedData.Find(Mid))!;
        List<EngineLogCase> cases =
            [.. EngineLog.ReadAll(folder, "v1_mid").Where(log => log.Config.Policy == "fcfs")];
        Assert.NotEmpty(cases);
        cases.ForEach(Replay);
    }

    private static void Replay(EngineLogCase log)
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
        ReplicaRun run = ReplicaRun.Of(
            config,
            latency: null,
            log.Requests.OrderBy(r => r.Arrival).ThenBy(r => r.Id).Select(r => A.Request(
                r.Id,
                r.MaxTokens,
                r.Arrival,
                [.. r.Prompt.Select(part => new TokenSegment(A.Stream(part.Stream), part.Tokens))])));

        foreach ((EngineLogStep expected, RecordedStep actual) in log.Steps.Zip(run.Steps))
        {
            Assert.Equal(Expected(expected, actual), actual);
        }

        Assert.Equal(log.Summary.Steps, run.Steps.Count);
        Assert.Equal(log.Summary.Preemptions, run.Replica.Statistics.Preemptions);
        long hits = run.Replica.Statistics.PrefixHits + run.Replica.Statistics.PreemptedPrefixHits;
        Assert.Equal(log.Summary.HitTokens, hits);
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
        Finished = RecordingObserver.Text(step.Finished),
        FreeBlocksAfter = step.FreeBlocksAfter,
    };
}
