using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>Options of <c>lognormal</c>.</summary>
/// <param name="MedianTokens">The median (e^μ); the mean is larger by e^(σ²/2), before limits.</param>
/// <param name="Sigma">σ, the standard deviation of the logarithm.</param>
/// <param name="MaxTokens">Draws above it become it.</param>
/// <param name="MinTokens">Draws below it become it.</param>
public sealed record LognormalLengthsOptions(double MedianTokens, double Sigma, int MaxTokens, int MinTokens = 1)
    : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(MedianTokens > 0 && double.IsFinite(MedianTokens)))
        {
            yield return (nameof(MedianTokens), $"found {MedianTokens}, expected a positive number");
        }

        if (!(Sigma is >= 0 and <= 10))
        {
            yield return (nameof(Sigma), $"found {Sigma}, expected a number from 0 to 10");
        }

        if (MinTokens < 1)
        {
            yield return (nameof(MinTokens), $"found {MinTokens}, expected at least 1");
        }

        if (MaxTokens < MinTokens)
        {
            yield return (nameof(MaxTokens), $"found {MaxTokens}, expected at least the minimum, {MinTokens}");
        }
    }
}

/// <summary>Lengths whose logarithm is normal: rounded to the nearest token, then kept within the limits.</summary>
public sealed class LognormalLengths(LognormalLengthsOptions options) : ILengths
{
    /// <inheritdoc/>
    public int Draw(ref Draws draws)
    {
        double tokens = options.MedianTokens * PortableMath.Exp(options.Sigma * draws.NextNormal());
        return (int)Math.Clamp(Math.Floor(tokens + 0.5), options.MinTokens, options.MaxTokens);
    }
}
