using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// A matrix product takes √(compute² + memory²) + launch: near the greater of both, and √2 times it where they are
/// equal, which fits the tables better than their maximum and never undercuts it.
/// </summary>
/// <param name="Compute">Fraction of the dtype's FLOP/s peak.</param>
/// <param name="Memory">Fraction of the memory bandwidth.</param>
/// <param name="LaunchUs">What a product costs whatever its size, in µs.</param>
/// <param name="QuantizePsPerElement">What it takes to quantize an element of the activations first, in ps.</param>
public sealed record GemmEfficiency(
    double Compute = 0.75, double Memory = 0.8, double LaunchUs = 4, double QuantizePsPerElement = 0) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessFraction(Compute),
        Problem.UnlessFraction(Memory),
        Problem.UnlessNotNegative(LaunchUs),
        Problem.UnlessNotNegative(QuantizePsPerElement));
}

/// <summary>
/// The routed experts of a layer: compute + memory + launch, as the few tokens of each expert fill tiles too small for
/// one to hide behind the other, which fits the tables better than a root of squares; and on top what it takes to sort
/// the tokens by expert and to sum what comes back, on every GPU for all tokens.
/// </summary>
/// <param name="Compute">Fraction of the dtype's FLOP/s peak.</param>
/// <param name="Memory">Fraction of the memory bandwidth.</param>
/// <param name="LaunchUs">What a layer's experts cost whatever the tokens, in µs: routing, sorting, two grouped
/// products.</param>
/// <param name="Passes">How often each token's copies, one for each of its experts, cross the memory at full
/// bandwidth; at least 1.</param>
/// <param name="Skew">By what fraction the busiest GPU of an expert-parallel group does more than the mean.</param>
/// <param name="BlockRows">The rows of a block, where the kernel computes whole blocks of rows and as many of them as
/// the tokens could fill at worst, an expert nobody visits included: tokens · k/ep + experts · (BlockRows - 1), rounded
/// up. So DeepGEMM's contiguous layout does, 128 rows a block, in vLLM before 0.13 (its pull request 30494 marks the
/// blocks that are to be skipped). A step then takes as long for one token as for a hundred; blocks are large enough
/// for computing and reading weights to hide one another as in a matrix product, and every row crosses the memory
/// <paramref name="Passes"/> times. Null where tiles follow the tokens.</param>
/// <param name="TunedCompute">What <paramref name="Compute"/> is for the shapes of <paramref name="Tuned"/>; null where
/// it is the same. It goes with <paramref name="Tuned"/>.</param>
/// <param name="Tuned">The shapes that the engine has tuned its kernel for on the GPU. vLLM ships tile sizes of its
/// Triton kernel for some pairs of experts and width, mostly of models that were popular when they were measured, and
/// computes with its default tiles elsewhere, at a third to a half of the speed.</param>
public sealed record ExpertEfficiency(
    double Compute = 0.35,
    double Memory = 0.85,
    double LaunchUs = 30,
    double Passes = 6,
    double Skew = 0.1,
    int? BlockRows = null,
    double? TunedCompute = null,
    IReadOnlyList<TunedExperts>? Tuned = null)
    : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessFraction(Compute),
        Problem.UnlessFraction(Memory),
        Problem.UnlessNotNegative(LaunchUs),
        Problem.UnlessAtLeastOne(Passes),
        Problem.UnlessNotNegative(Skew),
        BlockRows is { } rows ? Problem.UnlessAtLeastOne(rows, nameof(BlockRows)) : null,
        TunedCompute is { } tuned ? Problem.UnlessFraction(tuned, nameof(TunedCompute)) : null,
        Problem.Unless(
            TunedCompute is null == Tuned is null, TunedCompute is null ? nameof(TunedCompute) : nameof(Tuned),
            "found none, expected tuned_compute and tuned together"),
        Tuned?.SelectMany(shape => shape.Problems()).FirstOrDefault() is { Problem: { } problem }
            ? (nameof(Tuned), problem)
            : null);

    /// <summary>The fraction of the peak for so many experts on a GPU, each so wide there.</summary>
    internal double ComputeOf(int experts, int width) =>
        TunedCompute is { } tuned && Tuned?.Contains(new TunedExperts(experts, width)) == true ? tuned : Compute;
}

/// <summary>A shape of experts for which the engine has tuned its kernel.</summary>
/// <param name="Experts">Routed experts of a layer on a GPU.</param>
/// <param name="Width">Width of each there.</param>
public sealed record TunedExperts(int Experts, int Width) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
        Problem.List(Problem.UnlessPositive(Experts), Problem.UnlessPositive(Width));
}

/// <summary>
/// Attention of requests that decode: √(heads² + contexts²) + launch, a layer; contexts are computed or read, whichever
/// takes longer.
/// </summary>
/// <param name="Compute">Fraction of the bf16 FLOP/s peak; it binds for latent attention only.</param>
/// <param name="Memory">Fraction of the memory bandwidth.</param>
/// <param name="LaunchUs">What a layer costs whatever the batch, in µs.</param>
/// <param name="UsPerKvHead">What each key-value head of each request takes in a layer, in µs.</param>
/// <param name="MixedTileRows">The rows of a tile of queries, where a step that has prompt tokens too computes both by
/// one kernel of prompts, as <see cref="FlashAttention2Decodes"/> says; 0 where decodes have a kernel of their own, or
/// one that packs and splits them. Null for what vLLM runs on the GPU: 64 with FlashAttention 2, else 0.</param>
public sealed record DecodeAttentionEfficiency(
    double Compute = 0.6,
    double Memory = 0.88,
    double LaunchUs = 10,
    double UsPerKvHead = 0.015,
    int? MixedTileRows = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessFraction(Compute),
        Problem.UnlessFraction(Memory),
        Problem.UnlessNotNegative(LaunchUs),
        Problem.UnlessNotNegative(UsPerKvHead),
        MixedTileRows is { } rows ? Problem.UnlessNotNegative(rows, nameof(MixedTileRows)) : null);
}

/// <summary>
/// Attention of prompt tokens: √(max(compute, reading KV)² + chain²) + activations + launch, a layer. The chain is what
/// the tile of queries that attends to most tokens takes to go through them one after the other: where chunks are short
/// and contexts long, too few tiles are there to keep the GPU busy, and it decides.
/// </summary>
/// <param name="Compute">Fraction of the bf16 FLOP/s peak.</param>
/// <param name="Passes">How often queries and outputs cross the memory at full bandwidth; at least 1.</param>
/// <param name="LaunchUs">What a layer costs whatever the tokens, in µs.</param>
/// <param name="NsPerContextToken">What a tile of queries takes in a layer for each token that it attends to, in ns,
/// with heads of 128 elements.</param>
public sealed record PrefillAttentionEfficiency(
    double Compute = 0.55, double Passes = 3, double LaunchUs = 10, double NsPerContextToken = 15) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessFraction(Compute),
        Problem.UnlessAtLeastOne(Passes),
        Problem.UnlessNotNegative(LaunchUs),
        Problem.UnlessNotNegative(NsPerContextToken));
}

/// <summary>Norms, RoPE, activation functions, residuals: bytes + launches.</summary>
/// <param name="Memory">Fraction of the memory bandwidth.</param>
/// <param name="UsPerLayer">What a layer's elementwise kernels cost whatever the tokens, in µs. Measured for one to 64
/// tokens of Llama-3.1-8B (LLMServingSim's tables, vLLM 0.19): two norms of 1.9 to 2.4, RoPE of 2.2 to 2.7 and SwiGLU
/// of 2.6 to 2.7 on RTX 4090 and RTX PRO 6000, and as much again as one of them to write the KV; 14 with norms of
/// queries and keys.</param>
public sealed record ElementwiseEfficiency(double Memory = 0.8, double UsPerLayer = 12) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessFraction(Memory),
        Problem.UnlessNotNegative(UsPerLayer));
}

/// <summary>A ring all-reduce, or what one pipeline stage sends the next: floor + hops + bytes.</summary>
/// <param name="Link">Fraction of the link's bandwidth.</param>
/// <param name="FloorUs">What a sum costs whatever its size, in µs.</param>
public sealed record AllReduceEfficiency(double Link = 0.6, double FloorUs = 5) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessFraction(Link),
        Problem.UnlessNotNegative(FloorUs));
}
