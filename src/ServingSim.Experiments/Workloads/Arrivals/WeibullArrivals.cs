using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>Options of <c>weibull</c>.</summary>
/// <param name="RatePerS">Mean arrivals per second; the mean gap is its inverse.</param>
/// <param name="Shape">Of the gaps' distribution: 1 is Poisson; below, gaps vary more: bursts.</param>
public sealed record WeibullOptions(double RatePerS, double Shape) : IValidated, IArrivalOptions
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
    [
        .. ArrivalRate.Problems(nameof(RatePerS), RatePerS),
        .. Shape is >= 0.1 and <= 100
            ? Array.Empty<(string?, string)>()
            : [(nameof(Shape), $"found {Shape}, expected a number from 0.1 to 100")],
    ];

    /// <inheritdoc/>
    public IArrivalOptions Times(double factor) => this with { RatePerS = RatePerS * factor };

    /// <summary>Half the shape: the variance more than doubles.</summary>
    public IArrivalOptions Burstier() => this with { Shape = Shape / 2 };
}

/// <summary>Weibull gaps, rounded to the tick: powers of exponential draws.</summary>
public sealed class WeibullArrivals(WeibullOptions options, RandomStreams streams) : IArrivals
{
    private readonly RandomStream _gaps = streams.Stream(ArrivalRate.Stream);

    // A Weibull gap of scale 1 has the mean Γ(1 + 1/shape)
    private readonly double _meanOfPower = GammaFunction.At(1 + (1 / options.Shape));

    /// <inheritdoc/>
    public SimTime NextAfter(SimTime previous, long index)
    {
        Draws draws = _gaps.At(index);
        double power = PortableMath.Pow(draws.NextExponential(), 1 / options.Shape);
        return previous + SimTime.FromSeconds(power / (_meanOfPower * options.RatePerS));
    }
}
