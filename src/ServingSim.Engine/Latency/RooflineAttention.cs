using ServingSim.Engine.Specs;

namespace ServingSim.Engine.Latency;

/// <summary>The attention of all layers; prefill chunks and decodes run in separate kernels.</summary>
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

    internal double Seconds(in StepShape shape) => DecodeSeconds(shape) + PrefillSeconds(shape);

    private double DecodeSeconds(in StepShape shape)
    {
        if (shape.Decodes == 0)
        {
            return 0;
        }

        // Twice a token's query and output: kernels that split the context write partial outputs and reduce them
        double memory = (KvSeconds * shape.DecodeContextTokens) + (2 * TokenSeconds * shape.Decodes);
        return LaunchSeconds + Math.Max(PairSeconds * shape.DecodeContextTokens, memory);
    }

    private double PrefillSeconds(in StepShape shape)
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
