namespace ServingSim.Engine.Latency;

/// <summary>A matrix product or a streaming kernel, over all layers: max(compute, memory) + launches.</summary>
/// <param name="ComputeSeconds">Seconds of compute per token.</param>
/// <param name="MemorySeconds">Seconds of memory traffic per token: activations.</param>
/// <param name="FixedMemorySeconds">Seconds of memory traffic whatever the tokens: weights.</param>
/// <param name="LaunchSeconds">Seconds of kernel launches.</param>
internal readonly record struct RooflineOperator(
    double ComputeSeconds, double MemorySeconds, double FixedMemorySeconds, double LaunchSeconds)
{
    internal double Seconds(double tokens, double furtherMemorySeconds = 0) =>
        Math.Max(ComputeSeconds * tokens, FixedMemorySeconds + furtherMemorySeconds + (MemorySeconds * tokens))
        + LaunchSeconds;
}
