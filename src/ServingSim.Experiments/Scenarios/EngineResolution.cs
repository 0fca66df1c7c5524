using ServingSim.Engine;
using ServingSim.Engine.Scheduling;
using ServingSim.Engine.Specs;

namespace ServingSim.Experiments.Scenarios;

/// <summary>Fills in what an engine chooses by itself from GPU and model, and checks that it would start.</summary>
public static class EngineResolution
{
    /// <summary>KV blocks that a replica may have: this program keeps some bytes for each.</summary>
    internal const int MostBlocks = 100_000_000;

    /// <summary>KV capacity as the GPU's memory gives it, before any override.</summary>
    public static KvCapacity CapacityOf(PoolSection pool) => KvCapacity.Of(
        new ModelShard(pool.Model.Value, pool.Parallelism),
        pool.Gpu.Value,
        GpuMemoryUtilization(pool),
        pool.Engine.BlockSize,
        MaxNumBatchedTokens(pool),
        pool.Engine.KvCacheDtype,
        pool.MemoryOverhead);

    /// <summary>The engine's limits, every one a number.</summary>
    public static EngineConfig Resolve(PoolSection pool)
    {
        EngineSection engine = pool.Engine;
        EngineProfile profile = ProfileOf(pool);
        int blocks = engine.NumGpuBlocksOverride ?? (int)Math.Min(CapacityOf(pool).Blocks, int.MaxValue);
        int maxNumSeqs = profile.MaxNumSeqs ?? EngineDefaults.MaxNumSeqs(pool.Gpu.Value);
        return new EngineConfig(
            engine.BlockSize,
            profile.HasNullBlock || blocks < 1 ? blocks : blocks + 1,
            MaxNumBatchedTokens(pool),
            engine.MaxNumSeqs ?? Math.Min(maxNumSeqs, MaxNumBatchedTokens(pool)),
            engine.MaxModelLen ?? pool.Model.Value.MaxPositionEmbeddings,
            engine.EnableChunkedPrefill ?? profile.EnableChunkedPrefill,
            engine.LongPrefillTokenThreshold,
            engine.EnablePrefixCaching ?? profile.EnablePrefixCaching)
        {
            MaxRunSteps = engine.MaxRunSteps ?? int.MaxValue,
            PipelineStages = Stages(pool),
            MaxPlansInFlight = Stages(pool) == 1 && (engine.AsyncScheduling ?? profile.AsyncScheduling) ? 2 : 1,
        };
    }

    /// <summary>The pool with every default filled in, as run.yaml shows it.</summary>
    internal static PoolSection Filled(PoolSection pool)
    {
        EngineConfig config = Resolve(pool);
        return pool with
        {
            Host = LatencyResolution.Filled(pool),
            Engine = pool.Engine with
            {
                GpuMemoryUtilization = GpuMemoryUtilization(pool),
                MaxNumBatchedTokens = config.MaxNumBatchedTokens,
                MaxNumSeqs = config.MaxNumSeqs,
                MaxModelLen = config.MaxModelLen,
                EnableChunkedPrefill = config.EnableChunkedPrefill,
                EnablePrefixCaching = config.EnablePrefixCaching,
                AsyncScheduling = config.MaxPlansInFlight > 1,
            },
        };
    }

    /// <summary>Why the engine would not start; empty when it would.</summary>
    internal static IEnumerable<string> Problems(PoolSection pool)
    {
        KvCapacity capacity = CapacityOf(pool);
        if (capacity.KvBytes <= 0)
        {
            string stages = pool.Parallelism.Pp > 1 ? $" pp {pool.Parallelism.Pp}" : "";
            yield return $"model {pool.Model.Name} does not fit GPU {pool.Gpu.Name} at tp "
                + $"{pool.Parallelism.Tp}{stages}: {Gib(capacity.WeightBytes)} of weights and "
                + $"{Gib(capacity.OverheadBytes)} of overhead, but {Gib(capacity.BudgetBytes)} to use";
            yield break;
        }

        if (pool.Engine.NumGpuBlocksOverride is null && capacity.Blocks > MostBlocks)
        {
            yield return $"the KV cache has {capacity.Blocks} blocks of {capacity.BlockSize} tokens, "
                + $"expected at most {MostBlocks}";
            yield break;
        }

        EngineConfig config = Resolve(pool);
        if (pool.Engine.AsyncScheduling == true && config.PipelineStages > 1)
        {
            yield return $"async_scheduling is true beside pp {config.PipelineStages}, of which the steps in flight "
                + "overlap without; expected false";
        }

        IWaitingQueue waiting = pool.Engine.Policy.Create(default);
        foreach (string problem in config.Problems().Concat(ProfileOf(pool).Scheduler.Problems(config, waiting)))
        {
            yield return problem;
        }
    }

    /// <summary>How many steps a pipeline holds at a time, one in each stage.</summary>
    private static int Stages(PoolSection pool) => ProfileOf(pool).FillsPipelines ? pool.Parallelism.Pp : 1;

    private static double GpuMemoryUtilization(PoolSection pool) =>
        pool.Engine.GpuMemoryUtilization ?? ProfileOf(pool).GpuMemoryUtilization;

    private static EngineProfile ProfileOf(PoolSection pool) => pool.Engine.Profile.Create(default);

    private static string Gib(long bytes) => $"{(double)bytes / KvCapacity.BytesPerGib:0.0} GiB";

    /// <summary>
    /// The API server's choice for the GPU, raised to what unchunked prompts need (vLLM V1 EngineArgs; V0 alike).
    /// </summary>
    private static int MaxNumBatchedTokens(PoolSection pool)
    {
        if (pool.Engine.MaxNumBatchedTokens is { } given)
        {
            return given;
        }

        EngineProfile profile = ProfileOf(pool);
        int needed = pool.Engine.EnableChunkedPrefill ?? profile.EnableChunkedPrefill
            ? 0
            : pool.Engine.MaxModelLen ?? pool.Model.Value.MaxPositionEmbeddings;
        return Math.Max(needed, profile.MaxNumBatchedTokens ?? EngineDefaults.MaxNumBatchedTokens(pool.Gpu.Value));
    }
}
