namespace ServingSim.Tests.Oracle;

/// <summary>One recorded run of vLLM's own scheduler. Requests are named by their index.</summary>
internal sealed record EngineLogCase(
    string File,
    int Id,
    bool IsBig,
    EngineLogConfig Config,
    IReadOnlyList<EngineLogRequest> Requests,
    IReadOnlyList<EngineLogStep> Steps,
    IReadOnlyList<int> FinalFreeQueue,
    EngineLogSummary Summary)
{
    /// <summary>Output tokens of each request; empty in synchronous files.</summary>
    public IReadOnlyList<int> Outputs { get; init; } = [];

    /// <summary>
    /// The steps that decide something. With asynchronous scheduling, when all requests have ended, the engine goes on
    /// for two empty ones in which it tells its workers so.
    /// </summary>
    public IEnumerable<EngineLogStep> Decided => Steps.Where(s => s.RunningCount + s.WaitingCount > 0);

    public override string ToString() => $"{File} case {Id}";
}

/// <summary>The configuration of a recorded run; the last two are null where the version does not know them.</summary>
internal sealed record EngineLogConfig(
    int NumGpuBlocks,
    int BlockSize,
    int MaxNumBatchedTokens,
    int MaxNumSeqs,
    int MaxModelLen,
    int LongPrefillTokenThreshold,
    bool EnableChunkedPrefill,
    bool EnablePrefixCaching,
    string Policy,
    bool? SchedulerReserveFullIsl,
    double? Watermark);

/// <summary>A recorded request: it arrives just before the step whose number is <paramref name="Arrival"/>.</summary>
internal sealed record EngineLogRequest(
    int Id,
    IReadOnlyList<(string Stream, int Tokens)> Prompt,
    int MaxTokens,
    int Arrival,
    int? Priority,
    double? ArrivalTime,
    int? EosAt);

/// <summary>A recorded step. Big cases give counts of running and waiting requests, all others their order.</summary>
internal sealed record EngineLogStep(
    int Number,
    IReadOnlyList<(int Request, int Tokens)> Scheduled,
    IReadOnlyList<int> Preempted,
    IReadOnlyList<(int Request, int HitTokens)> Admitted,
    IReadOnlyList<int>? Running,
    IReadOnlyList<int>? Waiting,
    int RunningCount,
    int WaitingCount,
    int FreeBlocks,
    IReadOnlyDictionary<int, IReadOnlyList<int>> NewBlocks,
    IReadOnlyList<int> Sampled,
    IReadOnlyList<int> Finished,
    int FreeBlocksAfter)
{
    /// <summary>
    /// Asynchronous files: the number of the step that was processed after this one was decided, whose tokens and ends
    /// the record tells; null where none was.
    /// </summary>
    public int? Processed { get; init; }
}

/// <summary>The totals of a recorded run.</summary>
internal sealed record EngineLogSummary(int Steps, int Preemptions, long HitTokens);
