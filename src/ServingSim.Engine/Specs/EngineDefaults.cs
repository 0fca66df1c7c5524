namespace ServingSim.Engine.Specs;

/// <summary>
/// Limits that vLLM V1's API server chooses when the user gives none: large ones on a GPU of at least 70 GiB that is no
/// A100 (vLLM <c>EngineArgs</c>, usage context <c>OPENAI_API_SERVER</c>).
/// </summary>
public static class EngineDefaults
{
    private const double LargeMemoryGib = 70;

    /// <summary>Tokens that one step may compute.</summary>
    public static int MaxNumBatchedTokens(GpuSpec gpu) => IsLarge(gpu) ? 8192 : 2048;

    /// <summary>Requests that may run at once.</summary>
    public static int MaxNumSeqs(GpuSpec gpu) => IsLarge(gpu) ? 1024 : 256;

    private static bool IsLarge(GpuSpec gpu) =>
        gpu.MemoryGib >= LargeMemoryGib && !gpu.DeviceName.Contains("a100", StringComparison.OrdinalIgnoreCase);
}
