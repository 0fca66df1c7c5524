using ServingSim.Kernel;

namespace ServingSim.Engine.Specs;

/// <summary>
/// Device memory that is neither weights nor KV: CUDA context, collective buffers, captured graphs and the activations
/// of the profiling run. The two bases reproduce the KV capacities that vLLM 0.15.1 logs on H100 80 GB with 2,048
/// batched tokens (Llama-2-7B, Llama-2-70B, Mixtral-8x7B, CodeLlama-34B) within 1 %; they were fitted on those logs.
/// Beyond (or below) 2,048 tokens each batched token adds (or saves) the peak activations of one token, because the
/// engine profiles one forward pass of <c>max_num_batched_tokens</c>.
/// </summary>
/// <param name="OneGpuGib">Overhead of a replica's only GPU at 2,048 batched tokens, in GiB.</param>
/// <param name="ManyGpusGib">Overhead of each of several GPUs at 2,048 batched tokens, in GiB.</param>
public sealed record MemoryOverhead(double OneGpuGib = 1.15, double ManyGpusGib = 1.6) : IValidated
{
    private const int ReferenceBatchedTokens = 2048;
    private const int MostGib = 1_000_000;

    /// <summary>Overhead of one GPU in bytes; never negative.</summary>
    public long BytesPerGpu(ModelShard shard, int maxNumBatchedTokens)
    {
        double gib = shard.Parallelism.Gpus == 1 ? OneGpuGib : ManyGpusGib;
        long activations = (maxNumBatchedTokens - ReferenceBatchedTokens) * shard.PeakActivationBytesPerToken;
        return Math.Max(0, (long)Math.Ceiling(gib * KvCapacity.BytesPerGib) + activations);
    }

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.Unless(OneGpuGib is >= 0 and <= MostGib, nameof(OneGpuGib), Expected(OneGpuGib)),
        Problem.Unless(ManyGpusGib is >= 0 and <= MostGib, nameof(ManyGpusGib), Expected(ManyGpusGib)));

    private static string Expected(double gib) => $"found {gib}, expected 0 to {MostGib}";
}
