using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>Options of <c>poisson</c>.</summary>
/// <param name="RatePerS">Mean arrivals per second.</param>
public sealed record PoissonOptions(double RatePerS) : IValidated, IArrivalOptions
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
        ArrivalRate.Problems(nameof(RatePerS), RatePerS);

    /// <inheritdoc/>
    public IArrivalOptions Times(double factor) => this with { RatePerS = RatePerS * factor };

    /// <inheritdoc/>
    public IArrivalOptions Burstier() => new GammaOptions(RatePerS, 0.5);
}

/// <summary>Arrivals independent of one another: exponential gaps, rounded to the tick.</summary>
public sealed class PoissonArrivals(PoissonOptions options, RandomStreams streams) : IArrivals
{
    private readonly RandomStream _gaps = streams.Stream(ArrivalRate.Stream);

    /// <inheritdoc/>
    public SimTime NextAfter(SimTime previous, long index)
    {
        Draws draws = _gaps.At(index);
        return previous + SimTime.FromSeconds(draws.NextExponential() / options.RatePerS);
    }
}
