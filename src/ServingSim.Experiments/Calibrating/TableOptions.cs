using ServingSim.Engine.Latency;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Calibrating;

/// <summary>Options of the latency model <c>table</c>.</summary>
/// <param name="File">
/// The operators measured, as <c>tools/profile</c> writes them: a CSV file with the columns operator, gpus, m, n, k,
/// batch, tokens, heads, kv_heads, bytes and ms.
/// </param>
public sealed record TableOptions(FilePath File) : IDeviceLatencyOptions;
