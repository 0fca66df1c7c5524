using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>Options of <c>quantiles</c>: a quantile table that stands in the scenario itself.</summary>
/// <param name="Probabilities">Rising from 0 to 1.</param>
/// <param name="Tokens">For each probability, the length that this share of requests does not exceed.</param>
public sealed record QuantilesOptions(IReadOnlyList<double> Probabilities, IReadOnlyList<int> Tokens) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
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

/// <summary>Lengths straight between quantiles, rounded to the nearest token, halves up.</summary>
public sealed class QuantilesLengths(QuantilesOptions options) : ILengths
{
    private readonly QuantileCurve _curve = new(options.Probabilities, options.Tokens);

    /// <inheritdoc/>
    public int Draw(ref Draws draws) => _curve.At(draws.NextUnit());
}
