using ServingSim.Engine.Specs;

namespace ServingSim.Engine.Latency;

/// <summary>Time of a decode step, from a batch size on: base + a term in the contexts + a term in the batch.</summary>
/// <param name="BaseMs">Time of a step whatever its size, in ms.</param>
/// <param name="MsPerContextToken">Time for each token attended to, summed over the batch, in ms.</param>
/// <param name="MsPerDecode">Time for each decoding request, in ms.</param>
/// <param name="FromDecodes">The smallest batch for which these numbers hold.</param>
public sealed record LinearDecode(double BaseMs, double MsPerContextToken, double MsPerDecode, int FromDecodes = 1)
{
    /// <summary>What is wrong with these numbers, for the reader of the file they came from.</summary>
    public IEnumerable<string> Problems() => Problem.List(
        Problem.UnlessNotNegative("decode.base_ms", BaseMs),
        Problem.UnlessNotNegative("decode.ms_per_context_token", MsPerContextToken),
        Problem.UnlessNotNegative("decode.ms_per_decode", MsPerDecode),
        Problem.UnlessPositive("decode.from_decodes", FromDecodes));
}
