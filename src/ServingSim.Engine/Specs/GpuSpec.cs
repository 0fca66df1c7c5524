using ServingSim.Kernel;

namespace ServingSim.Engine.Specs;

/// <summary>One GPU, as its data sheet describes it. Peaks are dense: without structured sparsity.</summary>
/// <param name="DeviceName">Name as the driver reports it; some engine defaults depend on it.</param>
/// <param name="MemoryGib">Device memory, in GiB (2^30 bytes).</param>
/// <param name="HbmGbPerS">Bandwidth of the device memory, in 10^9 bytes a second.</param>
/// <param name="Bf16Tflops">Dense bf16 peak, in 10^12 FLOP a second.</param>
/// <param name="TdpW">Thermal design power, in watts.</param>
/// <param name="LinkGbPerS">Bandwidth to the other GPUs of the node, one direction, in 10^9 bytes a second.</param>
/// <param name="LinkLatencyUs">Latency of one hop between GPUs of the node, in µs.</param>
/// <param name="Fp8Tflops">Dense fp8 peak, in 10^12 FLOP a second; absent where the GPU computes no fp8.</param>
/// <param name="Fp4Tflops">Dense fp4 peak, in 10^12 FLOP a second; absent where the GPU computes no fp4.</param>
/// <param name="UsdPerHour">What an hour of it costs, in US dollars; absent where no price is known.</param>
/// <param name="ComputeCapability">CUDA's number of its architecture, such as 8.0 (A100), 9.0 (H100), 12.0 (RTX PRO
/// 6000): engines choose kernels by it; absent where it is not known.</param>
/// <param name="Sms">Streaming multiprocessors; absent where their number is not known.</param>
/// <param name="L2Mb">L2 cache, in 10^6 bytes; absent where it is not known.</param>
/// <param name="LinkGpus">How many GPUs the link joins: those of an NVLink domain, or of a node by PCIe.</param>
/// <param name="NetworkGbPerS">Bandwidth of a GPU to those that the link does not join, one direction, in 10^9 bytes a
/// second; absent where a replica must stay within the link.</param>
/// <param name="NetworkLatencyUs">Latency of one message over that network, in µs.</param>
public sealed record GpuSpec(
    string DeviceName,
    double MemoryGib,
    double HbmGbPerS,
    double Bf16Tflops,
    double TdpW,
    double LinkGbPerS,
    double LinkLatencyUs,
    double? Fp8Tflops = null,
    double? Fp4Tflops = null,
    double? UsdPerHour = null,
    double? ComputeCapability = null,
    int? Sms = null,
    double? L2Mb = null,
    int LinkGpus = 8,
    double? NetworkGbPerS = null,
    double NetworkLatencyUs = 5) : IValidated
{
    // Of compute capability 9 vLLM runs FlashAttention 3, of 10 FlashInfer's or TensorRT-LLM's kernels, of 7 others
    private const double Ampere = 8;
    private const double Hopper = 9;
    private const double ConsumerBlackwell = 12;

    /// <summary>
    /// Whether vLLM computes attention with FlashAttention 2 here: from Ampere, but on neither Hopper nor Blackwell of
    /// data centres. False where the compute capability is not known.
    /// </summary>
    public bool RunsFlashAttention2 =>
        ComputeCapability is >= Ampere and < Hopper || ComputeCapability >= ConsumerBlackwell;

    /// <summary>Peak of the layers' matrix products for weights of a dtype, in FLOP a second.</summary>
    public double FlopsPerS(WeightDtype dtype)
    {
        double? peak = dtype switch
        {
            WeightDtype.Fp8 => Fp8Tflops,
            WeightDtype.Fp4 => Fp4Tflops,
            _ => Bf16Tflops,
        };
        return (peak ?? Bf16Tflops) * 1e12;
    }

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.Unless(
            !string.IsNullOrWhiteSpace(DeviceName), nameof(DeviceName),
            "found no text, expected the name that the driver reports"),
        Problem.UnlessPositive(MemoryGib),
        Problem.UnlessPositive(HbmGbPerS),
        Problem.UnlessPositive(Bf16Tflops),
        Problem.UnlessPositive(TdpW),
        Problem.UnlessPositive(LinkGbPerS),
        Problem.UnlessNotNegative(LinkLatencyUs),
        Problem.UnlessPositive(Fp8Tflops),
        Problem.UnlessPositive(Fp4Tflops),
        Problem.UnlessPositive(UsdPerHour),
        Problem.UnlessPositive(ComputeCapability),
        Sms is { } sms ? Problem.UnlessPositive(sms, nameof(Sms)) : null,
        Problem.UnlessPositive(L2Mb),
        Problem.UnlessPositive(LinkGpus),
        Problem.UnlessPositive(NetworkGbPerS),
        Problem.UnlessNotNegative(NetworkLatencyUs));
}
