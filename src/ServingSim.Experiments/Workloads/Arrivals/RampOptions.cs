using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>Options of <c>ramp</c>: a rate that goes straight from one value to another, and stays there.</summary>
/// <param name="StartRatePerS">Mean arrivals per second at the start of the run, from 0.</param>
/// <param name="EndRatePerS">Mean arrivals per second from the end of the ramp.</param>
/// <param name="RampTime">How long the ramp takes.</param>
/// <param name="Shape">Burstiness, as of <c>gamma</c>: 1 is Poisson.</param>
public sealed record RampOptions(double StartRatePerS, double EndRatePerS, SimTime RampTime, double Shape = 1)
    : IValidated, IArrivalOptions
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(StartRatePerS is >= 0 and <= 1e6))
        {
            yield return (nameof(StartRatePerS), $"found {StartRatePerS}, expected a number from 0 to 1e6");
        }

        foreach ((string?, string) problem in ArrivalRate.Problems(nameof(EndRatePerS), EndRatePerS))
        {
            yield return problem;
        }

        if (RampTime <= SimTime.Zero)
        {
            yield return (nameof(RampTime), $"found {RampTime}, expected more than 0s");
        }

        foreach ((string?, string) problem in ArrivalRate.ShapeProblems(nameof(Shape), Shape))
        {
            yield return problem;
        }
    }

    /// <inheritdoc/>
    public IArrivalOptions Times(double factor) =>
        this with { StartRatePerS = StartRatePerS * factor, EndRatePerS = EndRatePerS * factor };

    /// <inheritdoc/>
    public IArrivalOptions Burstier() => this with { Shape = Shape / 2 };

    internal RateCurve Curve() => new(
    [
        new RatePiece(RampTime, StartRatePerS, EndRatePerS),
        new RatePiece(SimTime.Max, EndRatePerS, EndRatePerS),
    ]);
}
