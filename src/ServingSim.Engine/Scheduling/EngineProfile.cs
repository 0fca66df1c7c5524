using ServingSim.Engine.Kv.Eviction;

namespace ServingSim.Engine.Scheduling;

/// <summary>The rules of one engine at one date.</summary>
/// <param name="Scheduler">What decides each step.</param>
/// <param name="UnhashedOrder">Where freed blocks that hold no full block of tokens enter the free queue.</param>
/// <param name="GpuMemoryUtilization">The share of the GPU's memory that the engine uses unless told.</param>
/// <param name="AsyncScheduling">Whether it plans a step while another computes, unless told.</param>
public sealed record EngineProfile(
    IScheduler Scheduler, UnhashedOrder UnhashedOrder, double GpuMemoryUtilization, bool AsyncScheduling = false)
{
    /// <summary>Whether full blocks are kept and found by what they hold, unless told.</summary>
    public bool EnablePrefixCaching { get; init; } = true;

    /// <summary>Whether a prompt may be split over steps when it is admitted, unless told.</summary>
    public bool EnableChunkedPrefill { get; init; } = true;

    /// <summary>Tokens that a step may compute unless told; null: by the GPU.</summary>
    public int? MaxNumBatchedTokens { get; init; }

    /// <summary>Requests that may run at a time unless told; null: by the GPU.</summary>
    public int? MaxNumSeqs { get; init; }

    /// <summary>Whether each stage of a pipeline may compute another step; else it holds one at a time.</summary>
    public bool FillsPipelines { get; init; } = true;

    /// <summary>Whether the first of the KV blocks is never used.</summary>
    public bool HasNullBlock { get; init; } = true;

    /// <summary>
    /// vLLM's legacy engine V0, up to v0.8 (SchedulerConfig: 256 sequences, and tokens for the longest sequence, at
    /// least 2048). Its virtual engines, one for each stage of a pipeline, are not modelled.
    /// </summary>
    public static EngineProfile VllmV0() => new(new VllmV0Scheduler(), UnhashedOrder.Tail, 0.9)
    {
        EnablePrefixCaching = false,
        EnableChunkedPrefill = false,
        MaxNumBatchedTokens = 2048,
        MaxNumSeqs = 256,
        HasNullBlock = false,
        FillsPipelines = false,
    };

    /// <summary>vLLM V1 as of 2026-02-15, between v0.15 and v0.17.</summary>
    public static EngineProfile VllmV1() => new(new VllmV1Scheduler(), UnhashedOrder.Tail, 0.9);

    /// <summary>
    /// vLLM V1 as of 2026-08-17. It resolves async_scheduling, where none is given, to on (all that speaks against it,
    /// some executors, ways of speculating and connectors, is not modelled), but not in pipelines, whose steps in
    /// flight overlap host and device anyway.
    /// </summary>
    public static EngineProfile VllmV1Late(VllmV1LateOptions options) =>
        new(new VllmV1Scheduler(options), UnhashedOrder.Head, 0.92, AsyncScheduling: true);
}
