using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Sessions;

/// <summary>Options of the gap distribution <c>lognormal</c>.</summary>
/// <param name="Median">The median gap.</param>
/// <param name="Sigma">Standard deviation of the gaps' logarithm; 0 for gaps that are all the median.</param>
public sealed record LognormalGapsOptions(SimTime Median, double Sigma) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Median <= SimTime.Zero || Median > LognormalGaps.Longest)
        {
            yield return (nameof(Median), $"found {Median}, expected more than 0s and at most 110d");
        }

        if (!(Sigma is >= 0 and <= 10))
        {
            yield return (nameof(Sigma), $"found {Sigma}, expected a number from 0 to 10");
        }
    }
}

/// <summary>Lognormal gaps, cut at 110 days; BurstGPT_3's have about median 178 s and sigma 1.96.</summary>
public sealed class LognormalGaps(LognormalGapsOptions options) : IGaps
{
    /// <summary>As long as the data that BurstGPT's gaps were measured in: a lognormal knows no end.</summary>
    internal static readonly SimTime Longest = SimTime.FromSeconds(110 * 86_400);

    /// <inheritdoc/>
    public SimTime Draw(ref Draws draws)
    {
        double seconds = options.Median.TotalSeconds * PortableMath.Exp(options.Sigma * draws.NextNormal());
        return SimTime.FromSeconds(Math.Min(seconds, Longest.TotalSeconds));
    }
}
