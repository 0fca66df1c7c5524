using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>Time of a prefill step: base + a linear and a quadratic term in the prompt's tokens.</summary>
/// <param name="BaseMs">Time of a step whatever its size, in ms.</param>
/// <param name="MsPerToken">Time for each prompt token, in ms.</param>
/// <param name="MsPerToken2">Time for each squared prompt token (attention), in ms.</param>
public sealed record LinearPrefill(double BaseMs, double MsPerToken, double MsPerToken2 = 0) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessNotNegative(BaseMs),
        Problem.UnlessNotNegative(MsPerToken),
        Problem.UnlessNotNegative(MsPerToken2));
}
