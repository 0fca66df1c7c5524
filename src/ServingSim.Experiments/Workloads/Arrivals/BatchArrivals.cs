using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>Options of <c>batches</c>: <c>on-off</c> whose clock runs faster on some days and hours.</summary>
/// <param name="BatchRequests">Mean requests of a batch, at least 1.</param>
/// <param name="BatchRatePerS">Mean arrivals per second inside a batch, where all factors are 1.</param>
/// <param name="OffMean">Mean time between batches, where all factors are 1.</param>
/// <param name="OffSigma">Of the off times, as of <c>on-off</c>: lognormal with it, exponential without.</param>
/// <param name="BatchShape">Of the gaps inside a batch, as of <c>gamma</c>.</param>
/// <param name="HourFactors">What multiplies the clock in each of the 24 hours; 1 without it.</param>
/// <param name="Waves">Chance for days and hours, and regimes; none by default.</param>
public sealed record BatchesOptions(
    double BatchRequests, double BatchRatePerS, SimTime OffMean, double? OffSigma = null, double BatchShape = 1,
    IReadOnlyList<double>? HourFactors = null, WaveOptions? Waves = null) : IValidated, IArrivalOptions
{
    internal const int Hours = 24;

    internal OnOffOptions Inner => new(BatchRequests, BatchRatePerS, OffMean, OffSigma, BatchShape);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        foreach ((string?, string) problem in Inner.Problems())
        {
            yield return problem;
        }

        if (HourFactors is { Count: not Hours })
        {
            yield return (nameof(HourFactors), $"found {HourFactors.Count} numbers, expected {Hours}");
        }

        foreach (double factor in (HourFactors ?? []).Where(f => !(f is >= 0 and <= 1e6)).Take(1))
        {
            yield return (nameof(HourFactors), $"found {factor}, expected numbers from 0 to 1e6");
        }

        if (HourFactors is { Count: > 0 } && HourFactors.All(f => f == 0))
        {
            yield return (nameof(HourFactors), "found only zeros, expected some number above 0");
        }
    }

    /// <inheritdoc/>
    public IArrivalOptions Times(double factor) => this with
    {
        BatchRatePerS = BatchRatePerS * factor,
        OffMean = SimTime.FromSeconds(OffMean.TotalSeconds / factor),
    };

    /// <summary>Twice as many requests a batch, and twice as long between.</summary>
    public IArrivalOptions Burstier() => this with { BatchRequests = 2 * BatchRequests, OffMean = OffMean * 2 };
}

/// <summary>
/// Batch jobs of a service whose activity changes from hour to hour and from day to day, as BurstGPT's API has it: the
/// gaps of <c>on-off</c>, passed on a clock that runs as fast as the hour, the day and the regime say.
/// </summary>
public sealed class BatchArrivals(BatchesOptions options, RandomStreams streams) : IArrivals
{
    private static readonly SimTime Hour = SimTime.FromSeconds(3600);

    private readonly OnOffArrivals _inner = new(options.Inner, streams);

    private readonly WaveClock _clock = new(
        Hour, BatchesOptions.Hours, options.Waves, (_, hour) => options.HourFactors?[hour] ?? 1, streams);

    /// <inheritdoc/>
    public SimTime NextAfter(SimTime previous, long index) =>
        _clock.After(previous, _inner.NextAfter(SimTime.Zero, index).TotalSeconds);
}
