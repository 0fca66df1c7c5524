using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// Options of <see cref="RooflineLatency"/>: the fraction of a data-sheet peak that each class of operator reaches, and
/// what comes on top. The defaults are a sanity calibration, not a fit per device: from H100 kernel tables
/// (AIConfigurator's, vLLM 0.14), and those marked (steps) set jointly on 15 effective decode steps of vLLM 0.15.1 on
/// H100 SXM (median error 4 %, in sample) and 73 steps of vLLM 0.8.5 on a 64 GB H100 whose bandwidth is assumed to be
/// 2,039 GB/s (6 %, in sample). Elsewhere a roofline errs by 10-40 % a step.
/// </summary>
/// <param name="GemmComputeEfficiency">Of the FLOP/s peak, in matrix products (steps: kernels alone reach 0.8, whole
/// prefill steps 0.6).</param>
/// <param name="GemmMemoryEfficiency">Of the memory bandwidth, in matrix products of few tokens (tables:
/// 0.77-0.87).</param>
/// <param name="AttentionComputeEfficiency">Of the FLOP/s peak, in attention (tables: 0.3-0.5 for prompts of 512 to
/// 4,096 tokens).</param>
/// <param name="AttentionMemoryEfficiency">Of the memory bandwidth, in attention (tables: 0.6-0.85; steps:
/// 0.8).</param>
/// <param name="ElementwiseMemoryEfficiency">Of the memory bandwidth, in norms, RoPE, activations and residuals (a
/// common figure for streaming kernels).</param>
/// <param name="LinkEfficiency">Of the link bandwidth, in all-reduces (tables: 0.3-0.4 for messages above 8
/// MiB).</param>
/// <param name="KernelLaunchUs">Gap that each kernel adds, in µs (steps).</param>
/// <param name="AllReduceFloorUs">Shortest all-reduce, in µs (tables: 4.3-4.8 for small messages).</param>
public sealed record RooflineOptions(
    double GemmComputeEfficiency = 0.6,
    double GemmMemoryEfficiency = 0.8,
    double AttentionComputeEfficiency = 0.4,
    double AttentionMemoryEfficiency = 0.8,
    double ElementwiseMemoryEfficiency = 0.8,
    double LinkEfficiency = 0.35,
    double KernelLaunchUs = 2,
    double AllReduceFloorUs = 5) : IDeviceLatencyOptions, IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessFraction(GemmComputeEfficiency),
        Problem.UnlessFraction(GemmMemoryEfficiency),
        Problem.UnlessFraction(AttentionComputeEfficiency),
        Problem.UnlessFraction(AttentionMemoryEfficiency),
        Problem.UnlessFraction(ElementwiseMemoryEfficiency),
        Problem.UnlessFraction(LinkEfficiency),
        Problem.UnlessNotNegative(KernelLaunchUs),
        Problem.UnlessNotNegative(AllReduceFloorUs));
}
