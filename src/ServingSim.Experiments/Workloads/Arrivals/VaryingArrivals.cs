using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>
/// Arrivals whose rate varies with time, exactly (time rescaling): between two of them the curve expects a Gamma number
/// of arrivals with mean 1. Shape 1 is a Poisson process; below, bursts are as strong at every rate.
/// </summary>
internal sealed class VaryingArrivals(RateCurve curve, double shape, RandomStreams streams) : IArrivals
{
    private readonly RandomStream _gaps = streams.Stream(ArrivalRate.Stream);

    /// <inheritdoc/>
    public SimTime NextAfter(SimTime previous, long index)
    {
        Draws draws = _gaps.At(index);
        return curve.After(previous, draws.NextGamma(shape) / shape);
    }
}
