using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>Options of <c>pareto</c>.</summary>
/// <param name="Shape">
/// α: up to the truncation, a share of (min / n)^α of all lengths exceeds n. The smaller, the heavier the tail.
/// </param>
/// <param name="MinTokens">The least length.</param>
/// <param name="MaxTokens">The greatest length; longer ones do not occur, instead of becoming it.</param>
public sealed record ParetoLengthsOptions(double Shape, int MinTokens, int MaxTokens) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(Shape is >= 0.01 and <= 100))
        {
            yield return (nameof(Shape), $"found {Shape}, expected a number from 0.01 to 100");
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

/// <summary>Lengths with a heavy tail: Pareto, truncated on both sides, rounded to the nearest token.</summary>
public sealed class ParetoLengths(ParetoLengthsOptions options) : ILengths
{
    private readonly double _shareAboveMax =
        PortableMath.Pow((double)options.MinTokens / options.MaxTokens, options.Shape);

    /// <inheritdoc/>
    public int Draw(ref Draws draws)
    {
        double shareAbove = 1 - (draws.NextUnit() * (1 - _shareAboveMax));
        double tokens = options.MinTokens * PortableMath.Pow(shareAbove, -1 / options.Shape);
        return (int)Math.Clamp(Math.Floor(tokens + 0.5), options.MinTokens, options.MaxTokens);
    }
}
