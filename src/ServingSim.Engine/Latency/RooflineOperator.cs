using ServingSim.Engine.Specs;

namespace ServingSim.Engine.Latency;

/// <summary>A matrix product or a streaming kernel, over all layers: √(compute² + memory²) + launches.</summary>
/// <param name="ComputeSeconds">Seconds of compute per token.</param>
/// <param name="MemorySeconds">Seconds of memory traffic per token: activations.</param>
/// <param name="FixedMemorySeconds">Seconds of memory traffic whatever the tokens: weights.</param>
/// <param name="LaunchSeconds">Seconds of kernel launches.</param>
/// <param name="QuantizeSeconds">Seconds per token to quantize activations.</param>
/// <param name="Overlaps">Whether compute and memory hide one another wholly, as nothing but a bound assumes.</param>
internal readonly record struct RooflineOperator(
    double ComputeSeconds,
    double MemorySeconds,
    double FixedMemorySeconds,
    double LaunchSeconds,
    double QuantizeSeconds = 0,
    bool Overlaps = false)
{
    /// <summary>The product of tokens with matrices of a dtype, <paramref name="times"/> times.</summary>
    internal static RooflineOperator Product(
        RooflineOptions options, GpuSpec gpu, WeightDtype dtype, double times, Matrix matrix)
    {
        GemmEfficiency efficiency = options.GemmOf(dtype);
        double peak = gpu.FlopsPerS(dtype) * efficiency.Compute;
        double bandwidth = gpu.HbmGbPerS * 1e9 * efficiency.Memory;
        double activations = matrix.Inputs + matrix.Outputs;
        return new RooflineOperator(
            times * 2 * matrix.Weights / peak,
            times * ModelSpec.ActivationBytes * activations / bandwidth,
            times * matrix.Weights * ModelSpec.BytesOf(dtype) / bandwidth,
            times * efficiency.LaunchUs * 1e-6,
            times * matrix.Inputs * efficiency.QuantizePsPerElement * 1e-12,
            options.Overlaps);
    }

    internal double Seconds(double tokens)
    {
        double compute = ComputeSeconds * tokens;
        double memory = FixedMemorySeconds + (MemorySeconds * tokens);
        double product = Overlaps
            ? Math.Max(compute, memory)
            : Math.Sqrt((compute * compute) + (memory * memory));
        return product + LaunchSeconds + (QuantizeSeconds * tokens);
    }
}
