using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>A distribution of token counts by its quantiles, as a file of <c>configs/lengths</c> holds it.</summary>
/// <param name="Source">Where the numbers come from: data, licence, rows.</param>
/// <param name="Probabilities">Rising from 0 to 1.</param>
/// <param name="Tokens">For each probability, the length that this share of requests does not exceed.</param>
public sealed record QuantileTable(string Source, IReadOnlyList<double> Probabilities, IReadOnlyList<int> Tokens)
    : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (string.IsNullOrWhiteSpace(Source))
        {
            yield return (nameof(Source), "found no text, expected where the numbers come from");
        }

        if (QuantileCurve.ProblemOfProbabilities(Probabilities) is { } probabilities)
        {
            yield return (nameof(Probabilities), probabilities);
        }

        if (QuantileCurve.ProblemOfTokens(Tokens, Probabilities.Count) is { } tokens)
        {
            yield return (nameof(Tokens), tokens);
        }
    }
}
