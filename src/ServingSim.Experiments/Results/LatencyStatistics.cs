using MathNet.Numerics.Statistics;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// What a summary tells of one latency, in ms. Percentiles interpolate linearly at rank (n − 1)·p/100, as numpy does;
/// the standard deviation is that of a population, as in <c>vllm bench serve</c>.
/// </summary>
/// <param name="MeanMs">The mean.</param>
/// <param name="MedianMs">The 50th percentile, under the name that benchmarks give it.</param>
/// <param name="StdMs">The population standard deviation.</param>
/// <param name="P50Ms">The 50th percentile.</param>
/// <param name="P90Ms">The 90th percentile.</param>
/// <param name="P95Ms">The 95th percentile.</param>
/// <param name="P99Ms">The 99th percentile.</param>
public sealed record LatencyStatistics(
    double MeanMs, double MedianMs, double StdMs, double P50Ms, double P90Ms, double P95Ms, double P99Ms)
{
    /// <summary>
    /// Exact statistics of latencies in seconds; null if there are none. Each part is sorted in place, and the parts
    /// are merged, so that their order changes no bit. Mean and deviation are those of whole ticks, as a histogram
    /// tells them, to the bit.
    /// </summary>
    public static LatencyStatistics? Of(params IEnumerable<List<double>> partsInSeconds)
    {
        var sorted = partsInSeconds.Aggregate(Array.Empty<double>(), Merge);
        if (sorted.Length == 0)
        {
            return null;
        }

        var moments = default(DurationMoments);
        for (var i = 0; i < sorted.Length; i++)
        {
            moments.Add(SimTime.FromSeconds(sorted[i]).Ticks, 1);
            sorted[i] *= 1e3;
        }

        double Percentile(double p) => SortedArrayStatistics.QuantileCustom(sorted, p / 100, QuantileDefinition.R7);
        return new LatencyStatistics(
            Ms(moments.MeanTicks), Percentile(50), Ms(moments.StdTicks),
            Percentile(50), Percentile(90), Percentile(95), Percentile(99));
    }

    /// <summary>
    /// Statistics of a histogram: percentiles within <see cref="LatencyHistogram.RelativeError"/>, the rest exact; null
    /// if it is empty.
    /// </summary>
    public static LatencyStatistics? Of(LatencyHistogram histogram)
    {
        if (histogram.Count == 0)
        {
            return null;
        }

        double Percentile(double p) => Ms(histogram.PercentileTicks(p));
        return new LatencyStatistics(
            Ms(histogram.MeanTicks), Percentile(50), Ms(histogram.StdTicks),
            Percentile(50), Percentile(90), Percentile(95), Percentile(99));
    }

    private static double Ms(double? ticks) => ticks!.Value / (SimTime.TicksPerSecond / 1e3);

    private static double[] Merge(double[] sorted, List<double> part)
    {
        part.Sort();
        var merged = new double[sorted.Length + part.Count];
        var (left, right) = (0, 0);
        for (var i = 0; i < merged.Length; i++)
        {
            var takeLeft = right == part.Count || (left < sorted.Length && sorted[left] <= part[right]);
            merged[i] = takeLeft ? sorted[left++] : part[right++];
        }

        return merged;
    }
}
