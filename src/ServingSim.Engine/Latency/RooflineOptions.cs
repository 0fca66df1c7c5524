using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// Options of <see cref="RooflineLatency"/>: how far each class of operator stays from the data sheet's peaks, and what
/// comes on top. The defaults lie between those fitted to the operator tables of seven GPUs (AIConfigurator's, vLLM
/// 0.14 to 0.19), for GPUs that nobody has measured: expect 10-40 % error a step. <c>configs/latency</c> has the fits.
/// </summary>
/// <param name="Gemm">Matrix products of bf16 weights, and of others that have no entry of their own.</param>
/// <param name="GemmFp8">Matrix products of fp8 weights.</param>
/// <param name="GemmInt4">Matrix products of int4 weights.</param>
/// <param name="GemmFp4">Matrix products of fp4 weights.</param>
/// <param name="Experts">Grouped products of routed experts in bf16, and of others without an entry.</param>
/// <param name="ExpertsFp8">Grouped products of routed experts in fp8.</param>
/// <param name="ExpertsInt4">Grouped products of routed experts in int4.</param>
/// <param name="ExpertsFp4">Grouped products of routed experts in fp4.</param>
/// <param name="Decode">Attention of requests that decode.</param>
/// <param name="Prefill">Attention of prompt tokens.</param>
/// <param name="Elementwise">Norms, RoPE, activations, residuals.</param>
/// <param name="AllReduce">Sums over the GPUs of a tensor-parallel group.</param>
/// <param name="StepUs">What every step costs the device beside its layers, in µs: inputs, sampling (25 to 60 of them,
/// by LLMServingSim's tables), gaps between kernels. 350 is least wrong for five models on H100, served by vLLM
/// 0.15.1 with asynchronous scheduling: docs/calibration.md.</param>
public sealed record RooflineOptions(
    GemmEfficiency? Gemm = null,
    GemmEfficiency? GemmFp8 = null,
    GemmEfficiency? GemmInt4 = null,
    GemmEfficiency? GemmFp4 = null,
    ExpertEfficiency? Experts = null,
    ExpertEfficiency? ExpertsFp8 = null,
    ExpertEfficiency? ExpertsInt4 = null,
    ExpertEfficiency? ExpertsFp4 = null,
    DecodeAttentionEfficiency? Decode = null,
    PrefillAttentionEfficiency? Prefill = null,
    ElementwiseEfficiency? Elementwise = null,
    AllReduceEfficiency? AllReduce = null,
    double StepUs = RooflineOptions.UsualStepUs) : IDeviceLatencyOptions, IValidated
{
    /// <summary>See <see cref="StepUs"/>.</summary>
    public const double UsualStepUs = 350;

    /// <summary>All at the data sheet's peaks and launched in no time: what no step can undercut.</summary>
    public static RooflineOptions Ideal { get; } = new(
        Gemm: new(1, 1, 0),
        Experts: new(1, 1, 0, 1, 0),
        Decode: new(1, 1, 0, 0, MixedTileRows: 0),
        Prefill: new(1, 1, 0, 0),
        Elementwise: new(1, 0),
        AllReduce: new(1, 0),
        StepUs: 0)
    {
        Overlaps = true,
    };

    /// <summary>
    /// Whether an operator takes no longer than the longer of its computing and its memory traffic, as a bound assumes.
    /// </summary>
    internal bool Overlaps { get; init; }

    /// <summary>Matrix products of bf16 weights, and of others that have no entry of their own.</summary>
    public GemmEfficiency Gemm { get; init; } = Gemm ?? new GemmEfficiency();

    /// <summary>Grouped products of routed experts in bf16, and of others without an entry.</summary>
    public ExpertEfficiency Experts { get; init; } = Experts ?? new ExpertEfficiency();

    /// <summary>Attention of requests that decode.</summary>
    public DecodeAttentionEfficiency Decode { get; init; } = Decode ?? new DecodeAttentionEfficiency();

    /// <summary>Attention of prompt tokens.</summary>
    public PrefillAttentionEfficiency Prefill { get; init; } = Prefill ?? new PrefillAttentionEfficiency();

    /// <summary>Norms, RoPE, activations, residuals.</summary>
    public ElementwiseEfficiency Elementwise { get; init; } = Elementwise ?? new ElementwiseEfficiency();

    /// <summary>Sums over the GPUs of a tensor-parallel group.</summary>
    public AllReduceEfficiency AllReduce { get; init; } = AllReduce ?? new AllReduceEfficiency();

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
        Problem.List(Problem.UnlessNotNegative(StepUs));

    /// <summary>What holds for the matrix products of weights of a dtype.</summary>
    public GemmEfficiency GemmOf(WeightDtype dtype) => dtype switch
    {
        WeightDtype.Fp8 => GemmFp8,
        WeightDtype.Int4 or WeightDtype.Int4G32 => GemmInt4,
        WeightDtype.Fp4 => GemmFp4,
        _ => null,
    } ?? Gemm;

    /// <summary>What holds for routed experts of a dtype.</summary>
    public ExpertEfficiency ExpertsOf(WeightDtype dtype) => dtype switch
    {
        WeightDtype.Fp8 => ExpertsFp8,
        WeightDtype.Int4 or WeightDtype.Int4G32 => ExpertsInt4,
        WeightDtype.Fp4 => ExpertsFp4,
        _ => null,
    } ?? Experts;

    /// <summary>All that was given, for checks.</summary>
    internal IEnumerable<IValidated?> Parts =>
    [
        this, Gemm, GemmFp8, GemmInt4, GemmFp4, Experts, ExpertsFp8, ExpertsInt4, ExpertsFp4, Decode, Prefill,
        Elementwise, AllReduce,
    ];
}
