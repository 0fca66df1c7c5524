using ServingSim.Engine.Specs;

namespace ServingSim.Engine.Latency;

/// <summary>
/// What <see cref="RooflineLatency"/> says of single operators of one layer, in seconds: to compare it with, and fit it
/// to, measured tables of operators.
/// </summary>
/// <param name="Options">The efficiencies.</param>
/// <param name="Gpu">The GPU.</param>
public sealed record RooflineOperators(RooflineOptions Options, GpuSpec Gpu)
{
    /// <summary>The product of so many tokens with a matrix of weights.</summary>
    public double Gemm(WeightDtype dtype, Matrix matrix, int tokens) =>
        RooflineOperator.Product(Options, Gpu, dtype, 1, matrix).Seconds(tokens);

    /// <summary>The routed experts of a model of one layer, without the router.</summary>
    public double Experts(ModelSpec model, Parallelism parallelism, int tokens)
    {
        RooflineExperts experts = RooflineExperts.Of(Options, new ModelShard(model, parallelism), Gpu);
        return experts.Seconds(tokens) - experts.Router.Seconds(tokens);
    }

    /// <summary>The attention of decoding requests, in a model of one layer.</summary>
    public double DecodeAttention(ModelSpec model, KvCacheDtype dtype, int decodes, long contextTokens) =>
        Attention(model, dtype).DecodeTime(decodes, contextTokens).TotalSeconds;

    /// <summary>The attention of whole prompts of equal length, in a model of one layer.</summary>
    public double PrefillAttention(ModelSpec model, KvCacheDtype dtype, int prompts, int tokens) =>
        Attention(model, dtype).PrefillSeconds(
            new StepShape([.. Enumerable.Repeat(new PrefillChunk(tokens, 0), prompts)], 0, 0, 0));

    /// <summary>The attention of a chunk of a prompt and of decodes in one step, in a model of one layer.</summary>
    public double MixedAttention(
        ModelSpec model, KvCacheDtype dtype, PrefillChunk chunk, int decodes, long contextTokens)
    {
        RooflineAttention attention = Attention(model, dtype);
        StepShape shape = new(chunk.Tokens == 0 ? [] : [chunk], decodes, contextTokens, decodes);
        return attention.PrefillSeconds(shape) + attention.DecodeTime(shape).TotalSeconds;
    }

    /// <summary>A sum of so many bytes over GPUs.</summary>
    public double AllReduce(int gpus, double bytes) => RooflineAllReduce.Ring(
        Options.AllReduce, Gpu, bytes / ModelSpec.ActivationBytes, gpus).Seconds(1);

    private RooflineAttention Attention(ModelSpec model, KvCacheDtype dtype) =>
        RooflineAttention.Of(Options, new ModelShard(model, new Parallelism()), Gpu, dtype)[0];
}
