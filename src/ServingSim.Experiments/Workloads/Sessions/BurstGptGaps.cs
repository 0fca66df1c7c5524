using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Sessions;

/// <summary>
/// Gaps from one turn's start to the next's as BurstGPT_3 has them (177,697 gaps): its quantiles and shares, the
/// logarithm straight between them. A lognormal of the same mean and deviation of the logarithm has half the tail:
/// people come back to a conversation the next day.
/// </summary>
public sealed class BurstGptGaps : IGaps
{
    // Of the data: p10, p25, p50, p75, p90, p99 and the shares up to 60 s, 300 s and 1 h. Ours: the ends, 0.96 and
    // 0.999, chosen so that mean (5,709 s), variation (13.2) and the logarithm's mean (5.18) and deviation (1.96) are
    // about the data's
    private static readonly (double Probability, double Seconds)[] Points =
    [
        (0, 4), (0.1, 20), (0.25, 42), (0.327, 60), (0.5, 131), (0.66, 300), (0.75, 533), (0.9, 2340), (0.924, 3600),
        (0.96, 9000), (0.99, 78_903), (0.999, 560_000), (1, 4_500_000),
    ];

    /// <inheritdoc/>
    public SimTime Draw(ref Draws draws)
    {
        double unit = draws.NextUnit();
        int high = Array.FindIndex(Points, point => point.Probability > unit);
        (double fromProbability, double fromSeconds) = Points[high - 1];
        (double toProbability, double toSeconds) = Points[high];
        double share = (unit - fromProbability) / (toProbability - fromProbability);
        return SimTime.FromSeconds(fromSeconds * PortableMath.Pow(toSeconds / fromSeconds, share));
    }
}
