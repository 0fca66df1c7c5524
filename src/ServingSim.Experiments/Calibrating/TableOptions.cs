using ServingSim.Engine.Latency;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Calibrating;

/// <summary>Options of the latency model <c>table</c>.</summary>
/// <param name="File">
/// The operators measured, as <c>tools/profile</c> writes them: a CSV file with the columns operator, gpus, m, n, k,
/// batch, tokens, heads, kv_heads, bytes and ms.
/// </param>
/// <param name="MixedPerHead">See <see cref="DecodeAttentionEfficiency"/>: by what fraction decodes take longer in a
/// step with prompt tokens, for each query head beyond the first that shares a key-value head.</param>
public sealed record TableOptions(FilePath File, double MixedPerHead = 0) : IDeviceLatencyOptions, IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
        new DecodeAttentionEfficiency(MixedPerHead: MixedPerHead).Problems();
}
