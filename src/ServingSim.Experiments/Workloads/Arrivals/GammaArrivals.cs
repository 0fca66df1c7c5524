using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>Options of <c>gamma</c>.</summary>
/// <param name="RatePerS">Mean arrivals per second; the mean gap is its inverse.</param>
/// <param name="Shape">
/// Of the gaps' distribution: their coefficient of variation is 1/√shape, so 1 is Poisson and 0.5 (BurstGPT's demo)
/// burstier. Where BurstGPT's suite gives a shape α and a numpy scale θ, the rate is 1/(α θ).
/// </param>
public sealed record GammaOptions(double RatePerS, double Shape) : IValidated, IArrivalOptions
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
    [
        .. ArrivalRate.Problems(nameof(RatePerS), RatePerS),
        .. ArrivalRate.ShapeProblems(nameof(Shape), Shape),
    ];

    /// <inheritdoc/>
    public IArrivalOptions Times(double factor) => this with { RatePerS = RatePerS * factor };

    /// <inheritdoc/>
    public IArrivalOptions Burstier() => this with { Shape = Shape / 2 };
}

/// <summary>Arrivals in bursts or evenly spread: Gamma gaps (BurstGPT, KDD'25), rounded to the tick.</summary>
public sealed class GammaArrivals(GammaOptions options, RandomStreams streams) : IArrivals
{
    private readonly RandomStream _gaps = streams.Stream(ArrivalRate.Stream);

    /// <inheritdoc/>
    public SimTime NextAfter(SimTime previous, long index)
    {
        Draws draws = _gaps.At(index);
        return previous + SimTime.FromSeconds(draws.NextGamma(options.Shape) / (options.Shape * options.RatePerS));
    }
}
