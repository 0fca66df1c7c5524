using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// Time of a step with prefill, of T tokens of which n decode with C tokens of context:
/// max(weights, per token · T) + per pair · pairs + per context token · C + per decode · n + base.
/// </summary>
/// <param name="WeightsMs">Time to stream the weights, in ms: few tokens take no longer than one.</param>
/// <param name="MsPerToken">Time of each token once compute binds, in ms.</param>
/// <param name="MsPerPair">Attention of a prefill, for each pair of a new token and a token it attends to, in
/// ms.</param>
/// <param name="MsPerContextToken">Attention of the decodes, for each token attended to, in ms.</param>
/// <param name="MsPerDecode">Time of each decoding request beyond its token's, in ms.</param>
/// <param name="BaseMs">Time whatever the step computes, in ms.</param>
public sealed record HingePrefill(
    double WeightsMs,
    double MsPerToken,
    double MsPerPair = 0,
    double MsPerContextToken = 0,
    double MsPerDecode = 0,
    double BaseMs = 0) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessNotNegative(WeightsMs),
        Problem.UnlessNotNegative(MsPerToken),
        Problem.UnlessNotNegative(MsPerPair),
        Problem.UnlessNotNegative(MsPerContextToken),
        Problem.UnlessNotNegative(MsPerDecode),
        Problem.UnlessNotNegative(BaseMs));

    /// <summary>The time of a step, in ms. Only IEEE +, *, max: the same bits on every platform.</summary>
    internal double Ms(in StepShape shape) =>
        Math.Max(WeightsMs, MsPerToken * shape.Tokens)
        + (MsPerPair * PairsOf(shape.Prefills))
        + (MsPerContextToken * shape.DecodeContextTokens)
        + (MsPerDecode * shape.Decodes)
        + BaseMs;

    /// <summary>
    /// Pairs of a new token and one it attends to: the i-th of t tokens after s attends to s + i, so that chunks add up
    /// to their prompt.
    /// </summary>
    internal static double PairsOf(ReadOnlySpan<PrefillChunk> chunks)
    {
        double pairs = 0;
        foreach (PrefillChunk chunk in chunks)
        {
            pairs += chunk.Tokens * (chunk.ContextBefore + ((chunk.Tokens + 1.0) / 2));
        }

        return pairs;
    }
}
