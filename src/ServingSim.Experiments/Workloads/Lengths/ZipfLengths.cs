using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>Options of <c>zipf</c>.</summary>
/// <param name="Theta">θ: n tokens have a probability in proportion to n^-θ. BurstGPT's demo has 1.1.</param>
/// <param name="MaxTokens">The greatest length; the least is 1.</param>
public sealed record ZipfLengthsOptions(double Theta, int MaxTokens) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(Theta is >= 0 and <= 10))
        {
            yield return (nameof(Theta), $"found {Theta}, expected a number from 0 to 10");
        }

        if (MaxTokens is < 1 or > 10_000_000)
        {
            yield return (nameof(MaxTokens), $"found {MaxTokens}, expected 1 to 10000000");
        }
    }
}

/// <summary>Lengths of BurstGPT's generator (KDD'25): Zipf, truncated; the shorter, the more frequent.</summary>
public sealed class ZipfLengths : ILengths
{
    private readonly RisingNumbers _weightBefore;
    private readonly double _totalWeight;

    /// <summary>The distribution of options without problems.</summary>
    public ZipfLengths(ZipfLengthsOptions options) =>
        (_weightBefore, _totalWeight) = RisingNumbers.SumsBefore(
            Enumerable.Range(1, options.MaxTokens).Select(n => PortableMath.Pow(n, -options.Theta)));

    /// <inheritdoc/>
    public int Draw(ref Draws draws) => 1 + _weightBefore.LastNotAbove(draws.NextUnit() * _totalWeight);
}
