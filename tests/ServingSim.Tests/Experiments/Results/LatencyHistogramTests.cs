using CsCheck;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Results;

public class LatencyHistogramTests
{
    private static readonly Gen<long> Ticks = Gen.Select(Gen.Long[0, long.MaxValue], Gen.Int[0, 62], (t, s) => t >> s);

    private static LatencyHistogram Of(IEnumerable<long> ticks)
    {
        var histogram = new LatencyHistogram();
        foreach (var t in ticks)
        {
            histogram.Record(new SimTime(t));
        }

        return histogram;
    }

    [Fact]
    public void A_progression_is_recorded_as_its_terms_would_be() =>
        Gen.Select(Gen.Long[0, 1L << 40], Gen.Int[0, 40], Gen.Long[0, 5_000_000], Gen.Int[1, 3000], Gen.Long[0, 5])
            .Sample((first, shift, difference, terms, count) =>
            {
                LatencyHistogram together = new();
                LatencyHistogram apart = new();
                together.Record(new SimTime(first >> shift), difference, terms, count);
                for (int i = 0; i < terms; i++)
                {
                    apart.Record(new SimTime((first >> shift) + (i * difference)), count);
                }

                Assert.Equal(
                    (apart.Count, apart.Min, apart.Max, apart.SumTicks, apart.MeanTicks, apart.StdTicks),
                    (together.Count, together.Min, together.Max, together.SumTicks, together.MeanTicks,
                        together.StdTicks));
                for (double percentile = 0; percentile <= 100; percentile += 0.7)
                {
                    Assert.Equal(apart.PercentileTicks(percentile), together.PercentileTicks(percentile));
                }
            },
            iter: 200);

    [Fact]
    public void Every_order_statistic_is_told_within_the_stated_error()
    {
        Ticks.Array[3, 30].Sample(ticks =>
        {
            var histogram = Of(ticks.Where(t => t < 1L << 60));
            var sorted = ticks.Where(t => t < 1L << 60).Order().ToArray();
            return Enumerable.Range(0, sorted.Length).All(rank =>
            {
                var told = histogram.PercentileTicks(100.0 * rank / Math.Max(1, sorted.Length - 1))!.Value;
                // The rank itself is a rounded double, so its neighbours lend a little
                var slack = 1e-12 * sorted[^1];
                return Math.Abs(told - sorted[rank]) <= (LatencyHistogram.RelativeError * sorted[rank]) + slack;
            });
        });
    }

    [Fact]
    public void Short_durations_are_exact()
    {
        Assert.Equal(128, Of([1, 1, 128, 255, 255]).PercentileTicks(50));
        Assert.Equal(0, Of([0, 0, 0]).PercentileTicks(50));
        Assert.Equal(255, Of([1, 255, 255, 900]).PercentileTicks(50));
    }

    [Fact]
    public void Count_extremes_sum_and_spread_are_exact()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(new SimTime(10_000_000_001), 3);
        histogram.Record(new SimTime(10_000_000_005));
        histogram.Record(new SimTime(7), 0);
        Assert.Equal(4, histogram.Count);
        Assert.Equal(new SimTime(10_000_000_001), histogram.Min);
        Assert.Equal(new SimTime(10_000_000_005), histogram.Max);
        Assert.Equal((Int128)40_000_000_008, histogram.SumTicks);
        Assert.Equal(10_000_000_002, histogram.MeanTicks);
        Assert.Equal(Math.Sqrt(3), histogram.StdTicks);
    }

    [Fact]
    public void The_longest_span_there_is_can_be_recorded()
    {
        var histogram = Of([SimTime.Max.Ticks, SimTime.Max.Ticks]);
        Assert.Equal(SimTime.Max, histogram.Max);
        Assert.Equal(0, histogram.StdTicks);
        Assert.Equal((double)SimTime.Max.Ticks, histogram.PercentileTicks(50));
    }

    [Fact]
    public void Many_long_durations_overflow_nothing()
    {
        LatencyHistogram histogram = new();
        histogram.Record(new SimTime(1_000_000_000_000_000_000), 1_000_000_000);
        histogram.Record(new SimTime(3_000_000_000_000_000_000), 1_000_000_000);
        Assert.Equal(2e18, histogram.MeanTicks);
        Assert.Equal(1e18, histogram.StdTicks);
    }

    [Fact]
    public void A_progression_of_many_terms_overflows_nothing()
    {
        // The spread of 0 … n − 1 is √((n² − 1) / 12)
        const long Terms = 10_000_000;
        LatencyHistogram histogram = new();
        histogram.Record(new SimTime(5_000_000_000), 1000, Terms, 1000);
        Assert.Equal(Terms * 1000, histogram.Count);
        Assert.Equal(5e9 + (1000 * (Terms - 1) / 2.0), histogram.MeanTicks);
        Assert.Equal(1000 * Math.Sqrt(((double)Terms * Terms - 1) / 12), histogram.StdTicks!.Value, 1e-3);
    }

    [Fact]
    public void Merging_equals_recording_all_in_one()
    {
        Gen.Select(Gen.Long[0, 1L << 50].Array[0, 20], Gen.Long[0, 1L << 50].Array[0, 20]).Sample((a, b) =>
        {
            var merged = Of(a);
            merged.Add(Of(b));
            var whole = Of(b.Concat(a));
            return merged.Count == whole.Count && merged.Min == whole.Min && merged.Max == whole.Max
                && merged.SumTicks == whole.SumTicks && merged.StdTicks == whole.StdTicks
                && Enumerable.Range(0, 101).All(p => merged.PercentileTicks(p) == whole.PercentileTicks(p));
        });
    }

    [Fact]
    public void A_negative_duration_is_a_bug()
    {
        Assert.Throws<InvariantException>(() => new LatencyHistogram().Record(new SimTime(-1)));
    }
}
