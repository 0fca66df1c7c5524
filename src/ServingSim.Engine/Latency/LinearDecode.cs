using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>Time of a decode step, from a batch size on: base + a term in the contexts + a term in the batch.</summary>
/// <param name="BaseMs">Time of a step whatever its size, in ms.</param>
/// <param name="MsPerContextToken">Time for each token attended to, summed over the batch, in ms.</param>
/// <param name="MsPerDecode">Time for each decoding request, in ms.</param>
/// <param name="FromDecodes">The smallest batch for which these numbers hold.</param>
public sealed record LinearDecode(double BaseMs, double MsPerContextToken, double MsPerDecode, int FromDecodes = 1)
    : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessNotNegative(BaseMs),
        Problem.UnlessNotNegative(MsPerContextToken),
        Problem.UnlessNotNegative(MsPerDecode),
        Problem.UnlessPositive(FromDecodes));
}
