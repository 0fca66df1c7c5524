using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>Options of <c>on-off</c>. The mean rate is batch / (off + (batch − 1) / batch rate).</summary>
/// <param name="BatchRequests">Mean requests of a batch, at least 1.</param>
/// <param name="BatchRatePerS">Mean arrivals per second inside a batch.</param>
/// <param name="OffMean">Mean time from the last request of a batch to the first of the next.</param>
/// <param name="OffSigma">
/// Makes the off times lognormal, with this standard deviation of the logarithm; without it they are exponential.
/// </param>
/// <param name="BatchShape">
/// Of the gaps inside a batch, as of <c>gamma</c>: 1 is exponential; above, a job that sends its requests regularly,
/// one after the answer to another for instance.
/// </param>
public sealed record OnOffOptions(
    double BatchRequests, double BatchRatePerS, SimTime OffMean, double? OffSigma = null, double BatchShape = 1)
    : IValidated, IArrivalOptions
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(BatchRequests is >= 1 and <= 1e9))
        {
            yield return (nameof(BatchRequests), $"found {BatchRequests}, expected a number from 1 to 1e9");
        }

        foreach ((string?, string) problem in ArrivalRate.Problems(nameof(BatchRatePerS), BatchRatePerS))
        {
            yield return problem;
        }

        if (OffMean <= SimTime.Zero)
        {
            yield return (nameof(OffMean), $"found {OffMean}, expected more than 0s");
        }

        if (OffSigma is not (null or (>= 0 and <= 10)))
        {
            yield return (nameof(OffSigma), $"found {OffSigma}, expected a number from 0 to 10");
        }

        foreach ((string?, string) problem in ArrivalRate.ShapeProblems(nameof(BatchShape), BatchShape))
        {
            yield return problem;
        }
    }

    /// <summary>All times divided: batches of as many requests, each of them and the time between shorter.</summary>
    public IArrivalOptions Times(double factor) => this with
    {
        BatchRatePerS = BatchRatePerS * factor,
        OffMean = SimTime.FromSeconds(OffMean.TotalSeconds / factor),
    };

    /// <summary>Twice as many requests a batch, and twice as long between.</summary>
    public IArrivalOptions Burstier() => this with { BatchRequests = 2 * BatchRequests, OffMean = OffMean * 2 };
}

/// <summary>
/// Batch jobs, as BurstGPT's API traffic has them: off times, each followed by a batch whose size is geometric and
/// whose gaps are exponential or Gamma. A run begins with an off time. So each gap but the first is an off time with
/// probability 1 / batch, whatever came before.
/// </summary>
public sealed class OnOffArrivals(OnOffOptions options, RandomStreams streams) : IArrivals
{
    private readonly RandomStream _gaps = streams.Stream(ArrivalRate.Stream);

    /// <inheritdoc/>
    public SimTime NextAfter(SimTime previous, long index)
    {
        Draws draws = _gaps.At(index);
        bool isOff = draws.NextUnit() * options.BatchRequests < 1 || index == 0;
        double gap = isOff
            ? options.OffMean.TotalSeconds * UnitOff(ref draws)
            : UnitGap(ref draws) / options.BatchRatePerS;
        return previous + SimTime.FromSeconds(gap);
    }

    /// <summary>A gap inside a batch with mean 1.</summary>
    private double UnitGap(ref Draws draws) => options.BatchShape == 1
        ? draws.NextExponential()
        : draws.NextGamma(options.BatchShape) / options.BatchShape;

    /// <summary>An off time with mean 1.</summary>
    private double UnitOff(ref Draws draws) => options.OffSigma is { } sigma
        ? PortableMath.Exp((sigma * draws.NextNormal()) - (sigma * sigma / 2))
        : draws.NextExponential();
}
