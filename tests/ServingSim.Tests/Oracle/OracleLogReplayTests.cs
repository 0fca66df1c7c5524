using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>The oracle does, step by step, what vLLM's own scheduler and block manager did.</summary>
public sealed class OracleLogReplayTests
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

    [SharedDataFact(LateAsync)]
    public void The_asynchronous_scheduler_of_August_2026_is_replayed()
    {
        foreach (EngineLogCase log in EngineLog.Read(SharedData.Find(LateAsync)!))
        {
            OracleEngine engine = OracleAsyncLoop.Run(
                ConfigOf(log) with { AsyncScheduling = true }, log.Requests.Select(RequestOf), _ => 2, _ => 1);
            foreach ((EngineLogStep expected, OracleStep actual) in log.Decided.Zip(engine.Steps))
            {
                CompareDecision($"{log} step {expected.Number}", expected, actual);
            }

            foreach (EngineLogStep record in log.Steps)
            {
                if (engine.Steps.SingleOrDefault(step => step.Start == record.Processed) is { } processed)
                {
                    Same($"{log} step {record.Processed}: processed", record.Number + 1, processed.Processed);
                    CompareOutcome($"{log} step {record.Processed}", record, processed);
                }
            }

            Same($"{log} final free queue", Text(log.FinalFreeQueue), Text(engine.FreeQueue));
            Same($"{log} steps recorded", log.Decided.Count(), engine.Steps.Count);
        }
    }

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
        OracleEngine engine = OracleEngine.Run(ConfigOf(log), log.Requests.Select(RequestOf), _ => 1);
        foreach ((EngineLogStep expected, OracleStep actual) in log.Steps.Zip(engine.Steps))
        {
            CompareStep($"{log} step {expected.Number}", expected, actual);
        }

        OracleTotals totals = OracleTotals.Of(engine);
        EngineLogSummary summary = new(totals.Steps, (int)totals.Preemptions, totals.FirstHits + totals.ResumeHits);
        Same($"{log} summary", log.Summary, summary);
        Same($"{log} final free queue", Text(log.FinalFreeQueue), Text(engine.FreeQueue));
        Same($"{log} steps recorded", log.Steps.Count, engine.Steps.Count);
    }

    private static void CompareStep(string where, EngineLogStep expected, OracleStep actual)
    {
        CompareDecision(where, expected, actual);
        CompareOutcome(where, expected, actual);
    }

    private static void CompareOutcome(string where, EngineLogStep expected, OracleStep actual)
    {
        Same($"{where}: sampled", Text(expected.Sampled), Text(actual.Sampled));
        Same($"{where}: finished", Text(expected.Finished), Text(actual.Finished));
        Same($"{where}: free blocks after", expected.FreeBlocksAfter, actual.FreeBlocksAfter);
    }

    private static void CompareDecision(string where, EngineLogStep expected, OracleStep actual)
    {
        Same($"{where}: number", expected.Number, actual.Start);
        Same(
            $"{where}: scheduled",
            Text(expected.Scheduled),
            Text(actual.Scheduled.Select(part => (part.Request, part.Tokens))));
        Same($"{where}: preempted", Text(expected.Preempted), Text(actual.Preempted));
        Same(
            $"{where}: admitted",
            Text(expected.Admitted),
            Text(actual.Admitted.Select(admission => (admission.Request, admission.HitTokens))));
        Same($"{where}: running", Text(expected.Running ?? actual.Running), Text(actual.Running));
        Same($"{where}: waiting", Text(expected.Waiting ?? actual.Waiting), Text(actual.Waiting));
        Same($"{where}: running count", expected.RunningCount, actual.Running.Count);
        Same($"{where}: waiting count", expected.WaitingCount, actual.Waiting.Count);
        Same($"{where}: free blocks", expected.FreeBlocks, actual.FreeBlocks);
        Same(
            $"{where}: new blocks",
            Text(expected.NewBlocks.OrderBy(row => row.Key).Select(row => (row.Key, Text(row.Value)))),
            Text(actual.Scheduled.Where(part => part.NewBlocks.Count > 0).OrderBy(part => part.Request)
                .Select(part => (part.Request, Text(part.NewBlocks)))));
    }

    private static OracleConfig ConfigOf(EngineLogCase log) => new()
    {
        Profile = log.Config.Watermark is null ? OracleProfile.VllmV1 : OracleProfile.VllmV1Late,
        NumGpuBlocks = log.Config.NumGpuBlocks,
        BlockSize = log.Config.BlockSize,
        MaxNumBatchedTokens = log.Config.MaxNumBatchedTokens,
        MaxNumSeqs = log.Config.MaxNumSeqs,
        MaxModelLen = log.Config.MaxModelLen,
        LongPrefillTokenThreshold = log.Config.LongPrefillTokenThreshold,
        EnableChunkedPrefill = log.Config.EnableChunkedPrefill,
        EnablePrefixCaching = log.Config.EnablePrefixCaching,
        Policy = log.Config.Policy == "priority" ? OraclePolicy.Priority : OraclePolicy.Fcfs,
        ReserveFullIsl = log.Config.SchedulerReserveFullIsl ?? false,
        Watermark = log.Config.Watermark ?? 0,
    };

    private static OracleRequest RequestOf(EngineLogRequest request) => new(
        request.Id,
        [.. request.Prompt.Select(part => new OracleSegment(part.Stream, part.Tokens))],
        request.MaxTokens,
        request.Arrival)
    {
        Priority = request.Priority ?? 0,
        EosAt = request.EosAt,

        // The recorded times are multiples of 1e-4.
        RankTime = request.ArrivalTime is double time ? (long)Math.Round(time * 1e4) : null,
    };

    private static string Text<T>(IEnumerable<T> items) => string.Join(' ', items);

    private static void Same<T>(string what, T expected, T actual) =>
        Assert.True(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: not {expected} but {actual}");
}
