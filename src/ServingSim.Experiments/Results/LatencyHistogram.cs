using System.Numerics;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// Counts of durations in buckets no wider than 1/128 (0.78 %) of their lower edge; exact below 256 ticks. Count,
/// least, greatest, mean and standard deviation are exact; order of recording and merging changes nothing.
/// </summary>
public sealed class LatencyHistogram
{
    /// <summary>A quantile is off by no more than this share of its value: half a bucket.</summary>
    public const double RelativeError = 1.0 / (2 * BucketsPerOctave);

    private const int BucketsPerOctave = 1 << OctaveBits;
    private const int OctaveBits = 7;
    private const int BucketCount = (64 - OctaveBits) * BucketsPerOctave;

    private readonly long[] _counts = new long[BucketCount];
    private long _min = long.MaxValue;
    private long _max;
    private DurationMoments _moments;

    /// <summary>Durations recorded.</summary>
    public long Count => _moments.Count;

    /// <summary>The shortest duration recorded; null if none was.</summary>
    public SimTime? Min => Count > 0 ? new SimTime(_min) : null;

    /// <summary>The longest duration recorded; null if none was.</summary>
    public SimTime? Max => Count > 0 ? new SimTime(_max) : null;

    /// <summary>The sum of all durations, in ticks.</summary>
    public Int128 SumTicks => _moments.SumTicks;

    /// <summary>The mean in ticks; null if nothing was recorded.</summary>
    public double? MeanTicks => _moments.MeanTicks;

    /// <summary>The population standard deviation in ticks; null if nothing was recorded.</summary>
    public double? StdTicks => _moments.StdTicks;

    /// <summary>Records a duration, <paramref name="count"/> times.</summary>
    public void Record(SimTime duration, long count = 1)
    {
        var ticks = duration.Ticks;
        Check.That(ticks >= 0 && count >= 0, $"{count} durations of {duration}");
        if (count == 0)
        {
            return;
        }

        _counts[BucketOf(ticks)] += count;
        _moments.Add(ticks, count);
        _min = Math.Min(_min, ticks);
        _max = Math.Max(_max, ticks);
    }

    /// <summary>
    /// Records durations in arithmetic progression: the first, the next, which is <paramref name="differenceTicks"/>
    /// longer, and so on, each <paramref name="count"/> times. Costs as many steps as buckets are touched.
    /// </summary>
    public void Record(SimTime first, long differenceTicks, long terms, long count)
    {
        if (terms == 1 || differenceTicks == 0)
        {
            Record(first, terms * count);
            return;
        }

        long a = first.Ticks;
        Check.That(
            a >= 0 && differenceTicks > 0 && terms > 1 && count >= 0, $"{terms} x {count} durations from {first}");
        if (count == 0)
        {
            return;
        }

        checked
        {
            long last = a + (differenceTicks * (terms - 1));
            for (long i = 0; i < terms;)
            {
                int bucket = BucketOf(a + (differenceTicks * i));
                long next = Math.Min(terms, ((LastOf(bucket) - a) / differenceTicks) + 1);
                _counts[bucket] += (next - i) * count;
                i = next;
            }

            _moments.Add(a, differenceTicks, terms, count);
            _min = Math.Min(_min, a);
            _max = Math.Max(_max, last);
        }
    }

    /// <summary>Adds all that another histogram recorded.</summary>
    public void Add(LatencyHistogram other)
    {
        checked
        {
            for (var bucket = 0; bucket < BucketCount; bucket++)
            {
                _counts[bucket] += other._counts[bucket];
            }
        }

        _moments.Add(other._moments);
        _min = Math.Min(_min, other._min);
        _max = Math.Max(_max, other._max);
    }

    /// <summary>
    /// The <paramref name="percentile"/> (0 to 100) in ticks by linear interpolation at rank (n − 1)·p/100, off by at
    /// most <see cref="RelativeError"/>; null if nothing was recorded.
    /// </summary>
    public double? PercentileTicks(double percentile)
    {
        if (Count == 0)
        {
            return null;
        }

        var rank = (Count - 1) * (percentile / 100);
        var below = (long)rank;
        var low = ValueAt(below);
        var high = below + 1 < Count ? ValueAt(below + 1) : low;
        return low + ((rank - below) * (high - low));
    }

    // The value of the given rank, from 0: the middle of its bucket, but exact at both ends.
    private double ValueAt(long rank)
    {
        if (rank == 0 || rank == Count - 1)
        {
            return rank == 0 ? _min : _max;
        }

        var bucket = 0;
        for (var left = rank; left >= _counts[bucket]; bucket++)
        {
            left -= _counts[bucket];
        }

        return Math.Clamp(MiddleOf(bucket), _min, _max);
    }

    private static int BucketOf(long ticks)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)ticks) - OctaveBits);
        return (shift * BucketsPerOctave) + (int)(ticks >> shift);
    }

    /// <summary>The longest duration of a bucket, in ticks.</summary>
    private static long LastOf(int bucket)
    {
        var shift = Math.Max(0, (bucket / BucketsPerOctave) - 1);
        return ((((long)bucket - (shift * BucketsPerOctave)) + 1) << shift) - 1;
    }

    private static double MiddleOf(int bucket)
    {
        var shift = Math.Max(0, (bucket / BucketsPerOctave) - 1);
        var lowest = (long)(bucket - (shift * BucketsPerOctave)) << shift;
        return lowest + (((1L << shift) - 1) / 2.0);
    }
}
