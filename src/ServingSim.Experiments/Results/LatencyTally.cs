using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// One latency of some requests: every value, or a sketch that takes the same memory for any number of them.
/// </summary>
internal sealed class LatencyTally(bool isExact)
{
    private readonly List<double> _seconds = [];
    private LatencyHistogram? _sketch;

    internal void Add(double seconds)
    {
        if (isExact)
        {
            _seconds.Add(seconds);
            return;
        }

        _sketch ??= new LatencyHistogram();
        _sketch.Record(SimTime.FromSeconds(seconds));
    }

    /// <summary>The statistics of some tallies together; null if they hold nothing.</summary>
    internal static LatencyStatistics? Of(IReadOnlyList<LatencyTally> parts)
    {
        LatencyHistogram? sketch = null;
        foreach (LatencyHistogram part in parts.Select(p => p._sketch).OfType<LatencyHistogram>())
        {
            sketch ??= new LatencyHistogram();
            sketch.Add(part);
        }

        return sketch is not null ? LatencyStatistics.Of(sketch) : LatencyStatistics.Of(parts.Select(p => p._seconds));
    }
}
