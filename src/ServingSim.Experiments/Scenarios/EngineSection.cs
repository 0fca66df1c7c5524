using System.ComponentModel;
using ServingSim.Engine.Kv.Eviction;
using ServingSim.Engine.Scheduling;
using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>An engine and its knobs, under the engine's own names.</summary>
/// <param name="Profile">The rules of one engine at one date.</param>
/// <param name="Policy">The order of admission.</param>
/// <param name="Eviction">The order in which cached blocks are given up.</param>
/// <param name="BlockSize">Tokens in a KV block.</param>
/// <param name="MaxNumBatchedTokens">Tokens that a step may compute; vLLM's choice for the GPU by default.</param>
/// <param name="MaxNumSeqs">Requests that may run at a time; vLLM's choice for the GPU by default.</param>
/// <param name="MaxModelLen">Tokens that a request may have; the model's limit by default.</param>
/// <param name="EnableChunkedPrefill">
/// Whether a prompt may be split over steps when it is admitted; the profile's default otherwise.
/// </param>
/// <param name="LongPrefillTokenThreshold">Tokens of one request that a step computes at most; 0: no limit.</param>
/// <param name="EnablePrefixCaching">
/// Whether full blocks are kept and found by what they hold; the profile's default otherwise.
/// </param>
/// <param name="GpuMemoryUtilization">
/// The share of the GPU's memory that the engine may use; the profile's default otherwise.
/// </param>
/// <param name="KvCacheDtype">How keys and values are stored.</param>
/// <param name="NumGpuBlocksOverride">KV blocks of a replica, in place of those that the memory gives.</param>
/// <param name="AsyncScheduling">
/// Whether the host plans a step while the device computes the one before; the profile's default otherwise, but not in
/// pipelines, which hold a step in each stage.
/// </param>
/// <param name="MaxRunSteps">
/// Decode steps that the simulator may advance at once, without any effect on results; unlimited by default.
/// </param>
public sealed record EngineSection(
    [property: DefaultValue("vllm-v1")] PartChoice<EngineProfile, NoContext> Profile,
    [property: DefaultValue("fcfs")] PartChoice<IWaitingQueue, NoContext> Policy,
    [property: DefaultValue("lru")] PartChoice<IEvictionPolicy, EvictionContext> Eviction,
    int BlockSize = 16,
    int? MaxNumBatchedTokens = null,
    int? MaxNumSeqs = null,
    int? MaxModelLen = null,
    bool? EnableChunkedPrefill = null,
    int LongPrefillTokenThreshold = 0,
    bool? EnablePrefixCaching = null,
    double? GpuMemoryUtilization = null,
    KvCacheDtype KvCacheDtype = KvCacheDtype.Auto,
    int? NumGpuBlocksOverride = null,
    bool? AsyncScheduling = null,
    int? MaxRunSteps = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (BlockSize < 1)
        {
            yield return (nameof(BlockSize), $"found {BlockSize}, expected at least 1");
        }

        if (GpuMemoryUtilization is not (null or (> 0 and <= 1)))
        {
            yield return (
                nameof(GpuMemoryUtilization), $"found {GpuMemoryUtilization}, expected above 0 and at most 1");
        }

        if (MaxRunSteps < 1)
        {
            yield return (nameof(MaxRunSteps), $"found {MaxRunSteps}, expected at least 1");
        }

        if (NumGpuBlocksOverride is < 2 or > EngineResolution.MostBlocks)
        {
            yield return (
                nameof(NumGpuBlocksOverride),
                $"found {NumGpuBlocksOverride}, expected 2 to {EngineResolution.MostBlocks}");
        }
    }
}

/// <summary>Nothing: for parts that need only their options.</summary>
public readonly record struct NoContext;
