namespace ServingSim.Engine.Specs;

/// <summary>
/// How much KV fits on each GPU of a replica: all numbers are per GPU, never aggregates. Follows vLLM V1's
/// <c>determine_available_memory</c>: utilization · memory − weights − overhead.
/// </summary>
/// <param name="BudgetBytes">Memory that the engine may use: total memory times its utilization.</param>
/// <param name="WeightBytes">Weights.</param>
/// <param name="OverheadBytes">What is neither weights nor KV.</param>
/// <param name="BytesPerToken">Keys and values of one token.</param>
/// <param name="BlockSize">Tokens in a block.</param>
public sealed record KvCapacity(
    long BudgetBytes,
    long WeightBytes,
    long OverheadBytes,
    long BytesPerToken,
    int BlockSize)
{
    /// <summary>Bytes in a GiB.</summary>
    public const long BytesPerGib = 1L << 30;

    /// <summary>Bytes left for KV; zero or less where weights and overhead do not fit.</summary>
    public long KvBytes => BudgetBytes - WeightBytes - OverheadBytes;

    /// <summary>Bytes of one block.</summary>
    public long BytesPerBlock => BytesPerToken * BlockSize;

    /// <summary>Whole blocks, the engine's null block included; 0 where the model does not fit.</summary>
    public long Blocks => Math.Max(0, KvBytes) / BytesPerBlock;

    /// <summary>Tokens in all blocks.</summary>
    public long Tokens => Blocks * BlockSize;

    /// <summary>
    /// The capacity of one GPU of a replica; of a pipeline's GPUs that with the fewest blocks, as all stages keep the
    /// KV of the same tokens (vLLM gives every worker the smallest number of blocks).
    /// </summary>
    /// <param name="shard">What the GPU holds of the model.</param>
    /// <param name="gpu">The GPU.</param>
    /// <param name="gpuMemoryUtilization">Fraction of the memory that the engine may use.</param>
    /// <param name="blockSize">Tokens in a block.</param>
    /// <param name="maxNumBatchedTokens">Tokens of the pass with which the engine profiles its memory.</param>
    /// <param name="kvCacheDtype">How keys and values are stored.</param>
    /// <param name="overhead">What is neither weights nor KV.</param>
    public static KvCapacity Of(
        ModelShard shard,
        GpuSpec gpu,
        double gpuMemoryUtilization,
        int blockSize,
        int maxNumBatchedTokens,
        KvCacheDtype kvCacheDtype,
        MemoryOverhead overhead) => shard.Stages
            .Select(stage => new KvCapacity(
                (long)Math.Ceiling(gpu.MemoryGib * BytesPerGib * gpuMemoryUtilization),
                stage.WeightBytes,
                overhead.BytesPerGpu(shard, maxNumBatchedTokens),
                stage.Layers * shard.KvBytesPerTokenAndLayer(kvCacheDtype),
                blockSize))
            .MinBy(capacity => (capacity.Blocks, capacity.KvBytes))!;
}
