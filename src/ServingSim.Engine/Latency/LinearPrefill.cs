using ServingSim.Engine.Specs;

namespace ServingSim.Engine.Latency;

/// <summary>Time of a prefill step: base + a linear and a quadratic term in the prompt's tokens.</summary>
/// <param name="BaseMs">Time of a step whatever its size, in ms.</param>
/// <param name="MsPerToken">Time for each prompt token, in ms.</param>
/// <param name="MsPerToken2">Time for each squared prompt token (attention), in ms.</param>
public sealed record LinearPrefill(double BaseMs, double MsPerToken, double MsPerToken2 = 0)
{
    /// <summary>What is wrong with these numbers, for the reader of the file they came from.</summary>
    public IEnumerable<string> Problems() => Problem.List(
        Problem.UnlessNotNegative("prefill.base_ms", BaseMs),
        Problem.UnlessNotNegative("prefill.ms_per_token", MsPerToken),
        Problem.UnlessNotNegative("prefill.ms_per_token2", MsPerToken2));
}
