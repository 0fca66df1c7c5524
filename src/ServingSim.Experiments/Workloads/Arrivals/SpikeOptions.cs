using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>Options of <c>spike</c>: a rate that is multiplied for a while.</summary>
/// <param name="RatePerS">Mean arrivals per second outside the spike.</param>
/// <param name="Factor">What multiplies the rate during the spike; 0 is an outage.</param>
/// <param name="SpikeStart">When the spike begins, from the start of the run.</param>
/// <param name="SpikeEnd">When it ends.</param>
/// <param name="Shape">Burstiness, as of <c>gamma</c>: 1 is Poisson.</param>
public sealed record SpikeOptions(
    double RatePerS, double Factor, SimTime SpikeStart, SimTime SpikeEnd, double Shape = 1)
    : IValidated, IArrivalOptions
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        foreach ((string?, string) problem in ArrivalRate.Problems(nameof(RatePerS), RatePerS))
        {
            yield return problem;
        }

        if (!(Factor is >= 0 and <= 1e6))
        {
            yield return (nameof(Factor), $"found {Factor}, expected a number from 0 to 1e6");
        }

        if (SpikeEnd <= SpikeStart)
        {
            yield return (nameof(SpikeEnd), $"found {SpikeEnd}, expected more than the start, {SpikeStart}");
        }

        foreach ((string?, string) problem in ArrivalRate.ShapeProblems(nameof(Shape), Shape))
        {
            yield return problem;
        }
    }

    /// <inheritdoc/>
    public IArrivalOptions Times(double factor) => this with { RatePerS = RatePerS * factor };

    /// <inheritdoc/>
    public IArrivalOptions Burstier() => this with { Shape = Shape / 2 };

    internal RateCurve Curve() => new(
    [
        new RatePiece(SpikeStart, RatePerS, RatePerS),
        new RatePiece(SpikeEnd, RatePerS * Factor, RatePerS * Factor),
        new RatePiece(SimTime.Max, RatePerS, RatePerS),
    ]);
}
