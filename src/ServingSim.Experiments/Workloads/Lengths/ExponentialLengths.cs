using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>Options of <c>exponential</c>.</summary>
/// <param name="MeanTokens">The mean length, more than 1.</param>
public sealed record ExponentialLengthsOptions(double MeanTokens) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(MeanTokens is > 1 and <= 10_000_000))
        {
            yield return (nameof(MeanTokens), $"found {MeanTokens}, expected more than 1, at most 10000000");
        }
    }
}

/// <summary>
/// Lengths without memory, for comparison with queueing theory: an exponential rounded up, which is geometric with the
/// given mean.
/// </summary>
public sealed class ExponentialLengths(ExponentialLengthsOptions options) : ILengths
{
    private readonly double _scale = -1 / PortableMath.Log(1 - (1 / options.MeanTokens));

    /// <inheritdoc/>
    public int Draw(ref Draws draws) => Math.Max(1, (int)Math.Ceiling(_scale * draws.NextExponential()));
}
