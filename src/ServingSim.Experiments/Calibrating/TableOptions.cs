using ServingSim.Engine.Latency;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Calibrating;

/// <summary>Options of the latency model <c>table</c>.</summary>
/// <param name="File">
/// The operators measured, as <c>tools/profile</c> writes them: a CSV file with the columns operator, gpus, m, n, k,
/// batch, tokens, heads, kv_heads, bytes and ms.
/// </param>
/// <param name="MixedTileRows">See <see cref="DecodeAttentionEfficiency"/>: what decodes take beside prompt tokens is
/// not in the file.</param>
public sealed record TableOptions(FilePath File, int? MixedTileRows = null) : IDeviceLatencyOptions, IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
        new DecodeAttentionEfficiency(MixedTileRows: MixedTileRows).Problems();
}
