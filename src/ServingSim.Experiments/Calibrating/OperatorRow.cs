using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;

namespace ServingSim.Experiments.Calibrating;

/// <summary>One measured operator of one layer on one GPU (or, for sums, one group of GPUs).</summary>
/// <param name="Seconds">How long it took.</param>
public abstract record OperatorRow(double Seconds)
{
    /// <summary>Rows of equal class share their efficiencies.</summary>
    public abstract string Class { get; }

    /// <summary>What the roofline says of it, in seconds.</summary>
    public abstract double Predicted(RooflineOperators operators);

    /// <summary>
    /// The step whose part it would be: decodes, the sum of their contexts, and tokens; 0 where it says nothing.
    /// </summary>
    public virtual (int Decodes, long ContextTokens, int Tokens) Size => default;

    /// <summary>Whether it says something about the operator as an engine runs it.</summary>
    public virtual bool IsTypical => true;
}

/// <summary>A product of tokens with a matrix of weights.</summary>
/// <param name="Dtype">How the weights are stored.</param>
/// <param name="Tokens">Rows of the activations.</param>
/// <param name="Matrix">The weights.</param>
/// <param name="Seconds">How long it took, the quantization of the activations included.</param>
public sealed record GemmRow(WeightDtype Dtype, int Tokens, Matrix Matrix, double Seconds) : OperatorRow(Seconds)
{
    private const int SmallestWidth = 256;
    private const int GreatestWidth = 40_000;

    /// <inheritdoc/>
    public override string Class => $"gemm {Dtype}";

    /// <inheritdoc/>
    public override (int Decodes, long ContextTokens, int Tokens) Size => (0, 0, Tokens);

    /// <summary>Narrower and wider matrices than any model's layers are left out.</summary>
    public override bool IsTypical =>
        Math.Min(Matrix.Inputs, Matrix.Outputs) >= SmallestWidth
        && Math.Max(Matrix.Inputs, Matrix.Outputs) <= GreatestWidth;

    /// <inheritdoc/>
    public override double Predicted(RooflineOperators operators) => operators.Gemm(Dtype, Matrix, Tokens);
}

/// <summary>The routed experts of a layer.</summary>
/// <param name="Model">A model of one layer with these experts.</param>
/// <param name="Parallelism">How they are divided.</param>
/// <param name="Tokens">Tokens that arrive.</param>
/// <param name="Seconds">How long they took.</param>
public sealed record ExpertRow(ModelSpec Model, Parallelism Parallelism, int Tokens, double Seconds)
    : OperatorRow(Seconds)
{
    private const int NarrowestExpert = 192;

    /// <inheritdoc/>
    public override string Class => $"experts {Model.ExpertDtype}";

    /// <summary>Narrower experts than any model's shares are left out.</summary>
    public override bool IsTypical => Shape.Width >= NarrowestExpert;

    /// <summary>How many experts a GPU has, and how wide.</summary>
    public TunedExperts Shape
    {
        get
        {
            ModelShard shard = new(Model, Parallelism);
            return new TunedExperts(shard.Experts, shard.ExpertWidth);
        }
    }

    /// <inheritdoc/>
    public override double Predicted(RooflineOperators operators) => operators.Experts(Model, Parallelism, Tokens);
}

/// <summary>The attention of requests that decode, all with the same context.</summary>
/// <param name="Model">A model of one layer with these heads.</param>
/// <param name="KvDtype">How keys and values are stored.</param>
/// <param name="Decodes">Requests.</param>
/// <param name="Context">Tokens that each attends to.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record DecodeAttentionRow(
    ModelSpec Model, KvCacheDtype KvDtype, int Decodes, int Context, double Seconds) : OperatorRow(Seconds)
{
    // The L2 cache of B200 has 126 MB
    private const long CachedBytes = 200_000_000;
    private const int ShortContext = 32;
    private const int MostDecodes = 512;
    private const int FewestHeads = 4;

    /// <inheritdoc/>
    public override string Class => "decode attention";

    /// <inheritdoc/>
    public override (int Decodes, long ContextTokens, int Tokens) Size => (Decodes, (long)Decodes * Context, 0);

    /// <summary>
    /// Tables repeat the kernel on the same KV: what the L2 cache can hold is then read faster than a serving engine,
    /// whose layers take turns, can ever read it.
    /// </summary>
    public override bool IsTypical =>
        Model.NumAttentionHeads >= FewestHeads
        && Decodes <= MostDecodes
        && (Context <= ShortContext || KvBytes > CachedBytes);

    private long KvBytes => new ModelShard(Model, new Parallelism()).KvBytesPerToken(KvDtype) * Decodes * Context;

    /// <inheritdoc/>
    public override double Predicted(RooflineOperators operators) =>
        operators.DecodeAttention(Model, KvDtype, Decodes, (long)Decodes * Context);
}

/// <summary>The attention of whole prompts of equal length.</summary>
/// <param name="Model">A model of one layer with these heads.</param>
/// <param name="KvDtype">How keys and values are stored.</param>
/// <param name="Prompts">Prompts.</param>
/// <param name="Tokens">Tokens of each.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record PrefillAttentionRow(
    ModelSpec Model, KvCacheDtype KvDtype, int Prompts, int Tokens, double Seconds) : OperatorRow(Seconds)
{
    private const int MostTokens = 131_072;
    private const int ShortestPrompt = 128;
    private const int FewestHeads = 4;

    /// <inheritdoc/>
    public override string Class => "prefill attention";

    /// <summary>Shorter prompts fill no tile, and no engine batches more tokens.</summary>
    public override bool IsTypical =>
        Model.NumAttentionHeads >= FewestHeads && Tokens >= ShortestPrompt && (long)Prompts * Tokens <= MostTokens;

    /// <inheritdoc/>
    public override double Predicted(RooflineOperators operators) =>
        operators.PrefillAttention(Model, KvDtype, Prompts, Tokens);
}

/// <summary>
/// The attention of a chunk of a prompt beside decodes of equal contexts, as one kernel computes both; either may be
/// missing.
/// </summary>
/// <param name="Model">A model of one layer with these heads.</param>
/// <param name="KvDtype">How keys and values are stored.</param>
/// <param name="Chunk">The chunk; of no token where there is none.</param>
/// <param name="Decodes">Requests that decode.</param>
/// <param name="Context">Tokens that each of them attends to.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record MixedAttentionRow(
    ModelSpec Model, KvCacheDtype KvDtype, PrefillChunk Chunk, int Decodes, int Context, double Seconds)
    : OperatorRow(Seconds)
{
    private const int MostTokens = 131_072;

    /// <summary>Pure chunks and pure decodes tell of their own kernels.</summary>
    public override string Class =>
        Chunk.Tokens == 0 ? "decode attention" : Decodes == 0 ? "prefill attention" : "mixed attention";

    /// <inheritdoc/>
    public override (int Decodes, long ContextTokens, int Tokens) Size => (Decodes, (long)Decodes * Context, 0);

    /// <summary>No engine batches more.</summary>
    public override bool IsTypical => Chunk.Tokens + Chunk.ContextBefore <= MostTokens;

    /// <inheritdoc/>
    public override double Predicted(RooflineOperators operators) =>
        operators.MixedAttention(Model, KvDtype, Chunk, Decodes, (long)Decodes * Context);
}

/// <summary>A sum over the GPUs of a group.</summary>
/// <param name="Gpus">GPUs.</param>
/// <param name="Bytes">Bytes of the message on each.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record AllReduceRow(int Gpus, double Bytes, double Seconds) : OperatorRow(Seconds)
{
    private const double MostBytes = 512e6;

    /// <inheritdoc/>
    public override string Class => "all-reduce";

    /// <summary>Larger messages than a step's activations are left out.</summary>
    public override bool IsTypical => Bytes <= MostBytes;

    /// <inheritdoc/>
    public override double Predicted(RooflineOperators operators) => operators.AllReduce(Gpus, Bytes);
}
