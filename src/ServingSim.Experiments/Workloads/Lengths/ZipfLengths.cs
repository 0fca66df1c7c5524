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
public sealed class ZipfLengths(ZipfLengthsOptions options) : ILengths
{
    private readonly double[] _weightUpTo = WeightsUpTo(options);

    /// <inheritdoc/>
    public int Draw(ref Draws draws)
    {
        int found = Array.BinarySearch(_weightUpTo, draws.NextUnit() * _weightUpTo[^1]);

        // A weight up to n exactly belongs to the next length, so that a unit of 0 is as any other
        return found >= 0 ? found + 2 : ~found + 1;
    }

    private static double[] WeightsUpTo(ZipfLengthsOptions options)
    {
        double[] weightUpTo = new double[options.MaxTokens];
        double sum = 0;
        for (int i = 0; i < weightUpTo.Length; i++)
        {
            sum += PortableMath.Pow(i + 1, -options.Theta);
            weightUpTo[i] = sum;
        }

        return weightUpTo;
    }
}
