using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// The attention of all layers; prefill chunks and decodes run in separate kernels. The decodes' terms are integer
/// ticks, rounded up once, so that steps of the same requests lie on a line.
/// </summary>
/// <param name="PairSeconds">Seconds of compute for each pair of a new token and a token it attends to.</param>
/// <param name="KvSeconds">Seconds to read the KV of one token.</param>
/// <param name="TokenSeconds">Seconds to read a token's query and write its output.</param>
/// <param name="LaunchSeconds">Seconds to launch one kernel in every layer.</param>
internal readonly record struct RooflineAttention(
    double PairSeconds, double KvSeconds, double TokenSeconds, double LaunchSeconds)
{
    internal static RooflineAttention Of(RooflineOptions options, ModelShard shard, GpuSpec gpu, KvCacheDtype dtype)
    {
        double layers = shard.Model.NumHiddenLayers;
        double bandwidth = gpu.HbmGbPerS * 1e9 * options.AttentionMemoryEfficiency;
        double peak = gpu.FlopsPerS(WeightDtype.Bf16) * options.AttentionComputeEfficiency;
        return new RooflineAttention(
            layers * 4 * shard.QueryWidth / peak,
            shard.KvBytesPerToken(dtype) / bandwidth,
            layers * ModelSpec.ActivationBytes * 2 * shard.QueryWidth / bandwidth,
            layers * options.KernelLaunchUs * 1e-6);
    }

    private long PairTicks { get; } = SimTime.FromSecondsRoundedUp(PairSeconds).Ticks;

    private long KvTicks { get; } = SimTime.FromSecondsRoundedUp(KvSeconds).Ticks;

    private SimTime LaunchTime { get; } = SimTime.FromSecondsRoundedUp(LaunchSeconds);

    // Twice a token's query and output: kernels that split the context write partial outputs and reduce them
    private SimTime DecodedTokenTime { get; } = SimTime.FromSecondsRoundedUp(2 * TokenSeconds);

    /// <summary>The decodes' part.</summary>
    internal SimTime DecodeTime(int decodes, long contextTokens) => decodes == 0
        ? SimTime.Zero
        : LaunchTime
            + SimTime.Later(new SimTime(PairTicks) * contextTokens, MemoryTime(decodes, contextTokens));

    /// <summary>The slope of <see cref="DecodeTime"/>: memory bound up to some context, then compute bound.</summary>
    internal (long TicksPerContextToken, long LastContextTokens) DecodeSlope(int decodes, long contextTokens)
    {
        long excess = PairTicks - KvTicks;
        if (excess <= 0)
        {
            return (KvTicks, long.MaxValue);
        }

        long knot = MemoryTime(decodes, 0).Ticks / excess;
        return contextTokens <= knot ? (KvTicks, knot) : (PairTicks, long.MaxValue);
    }

    private SimTime MemoryTime(int decodes, long contextTokens) =>
        (new SimTime(KvTicks) * contextTokens) + (DecodedTokenTime * decodes);

    /// <summary>The prefills' part, in seconds.</summary>
    internal double PrefillSeconds(in StepShape shape)
    {
        if (shape.PrefillTokens == 0)
        {
            return 0;
        }

        double pairs = 0;
        double context = 0;
        foreach (PrefillChunk chunk in shape.Prefills)
        {
            // Causal: the i-th of t tokens after s attends to s + i, so chunks add up to their prompt
            pairs += chunk.Tokens * (chunk.ContextBefore + ((chunk.Tokens + 1.0) / 2));
            context += (double)chunk.ContextBefore + chunk.Tokens;
        }

        double memory = (KvSeconds * context) + (TokenSeconds * shape.PrefillTokens);
        return LaunchSeconds + Math.Max(PairSeconds * pairs, memory);
    }
}
