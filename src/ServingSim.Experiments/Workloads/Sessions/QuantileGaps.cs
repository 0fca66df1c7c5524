using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Sessions;

/// <summary>Options of the gap distribution <c>quantiles</c>.</summary>
/// <param name="Probabilities">Rising from 0 to 1.</param>
/// <param name="Times">For each probability, the gap that this share does not exceed; above 0.</param>
public sealed record QuantileGapsOptions(IReadOnlyList<double> Probabilities, IReadOnlyList<SimTime> Times) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (QuantileCurve.ProblemOfProbabilities(Probabilities) is { } probabilities)
        {
            yield return (nameof(Probabilities), probabilities);
        }

        if (Times.Count != Probabilities.Count)
        {
            yield return (nameof(Times), $"found {Times.Count}, expected one for each of {Probabilities.Count}");
        }

        SimTime least = SimTime.OneTick;
        foreach (SimTime time in Times)
        {
            if (time < least || time > LognormalGaps.Longest)
            {
                yield return (nameof(Times), $"found {time}, expected at least {least} and at most 110d");
                yield break;
            }

            least = time;
        }
    }
}

/// <summary>Gaps between quantiles, the logarithm straight between them.</summary>
public sealed class QuantileGaps(QuantileGapsOptions options) : IGaps
{
    /// <inheritdoc/>
    public SimTime Draw(ref Draws draws)
    {
        double unit = draws.NextUnit();
        int high = 1;
        while (options.Probabilities[high] <= unit)
        {
            high++;
        }

        double from = options.Probabilities[high - 1];
        double share = (unit - from) / (options.Probabilities[high] - from);
        double low = options.Times[high - 1].TotalSeconds;
        return SimTime.FromSeconds(low * PortableMath.Pow(options.Times[high].TotalSeconds / low, share));
    }
}
