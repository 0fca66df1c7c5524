using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>Options of <c>constant</c>.</summary>
/// <param name="RatePerS">Arrivals per second; every gap is its inverse.</param>
public sealed record ConstantArrivalsOptions(double RatePerS) : IValidated, IArrivalOptions
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
        ArrivalRate.Problems(nameof(RatePerS), RatePerS);

    /// <inheritdoc/>
    public IArrivalOptions Times(double factor) => this with { RatePerS = RatePerS * factor };

    /// <summary>Poisson: these gaps have no variance to double.</summary>
    public IArrivalOptions Burstier() => new PoissonOptions(RatePerS);
}

/// <summary>Arrivals as a metronome has them: every gap the same, rounded to the tick.</summary>
public sealed class ConstantArrivals(ConstantArrivalsOptions options) : IArrivals
{
    private readonly SimTime _gap = SimTime.FromSeconds(1 / options.RatePerS);

    /// <inheritdoc/>
    public SimTime NextAfter(SimTime previous, long index) => previous + _gap;
}
