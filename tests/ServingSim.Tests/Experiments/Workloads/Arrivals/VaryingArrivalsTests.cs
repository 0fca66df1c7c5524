using CsCheck;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Arrivals;

/// <summary>Processes whose rate varies with time: ramp, spike, hourly.</summary>
public sealed class VaryingArrivalsTests
{
    private static readonly SimTime Day = S(86_400);
    private static readonly RampOptions Ramp = new(2, 10, S(100));
    private static readonly SpikeOptions Spike = new(5, 4, S(100), S(150));
    private static readonly double[] Flat = [.. Enumerable.Repeat(4.0, 24)];
    private static readonly double[] Rising = [.. Enumerable.Range(0, 24).Select(h => (double)h)];

    // Λ(t) of the ramp is 2 t + 0.04 t², 600 at 100 s, then 10/s
    [Theory]
    [InlineData(0, 600, 100)]
    [InlineData(0, 200, 50)]
    [InlineData(50, 400, 100)]
    [InlineData(50, 500, 110)]
    [InlineData(100, 10, 101)]
    [InlineData(1000, 5, 1000.5)]
    public void A_ramp_is_inverted_exactly(double from, double arrivals, double expected) =>
        AssertNear(expected, Ramp.Curve().After(S(from), arrivals));

    [Fact]
    public void A_ramp_goes_down_and_starts_from_zero_too()
    {
        AssertNear(50, (Ramp with { StartRatePerS = 0 }).Curve().After(SimTime.Zero, 125));
        AssertNear(50, new RampOptions(10, 2, S(100)).Curve().After(SimTime.Zero, 400));
    }

    [Theory]
    [InlineData(0, 400, 80)]
    [InlineData(99, 25, 101)]
    [InlineData(100, 20, 101)]
    [InlineData(149, 25, 151)]
    [InlineData(90, 1060, 152)]
    [InlineData(200, 5, 201)]
    public void A_spike_is_inverted_exactly(double from, double arrivals, double expected) =>
        AssertNear(expected, Spike.Curve().After(S(from), arrivals));

    [Fact]
    public void An_outage_has_no_arrivals_and_a_spike_can_begin_at_once()
    {
        AssertNear(151, (Spike with { Factor = 0 }).Curve().After(S(99), 10));
        AssertNear(1, (Spike with { SpikeStart = SimTime.Zero }).Curve().After(SimTime.Zero, 20));
    }

    [Fact]
    public void Hours_come_one_after_the_other_and_days_and_weeks_over_and_over()
    {
        RateCurve day = new HourlyOptions(Rising, Day).Curve();
        AssertNear(3600 + 1800, day.After(SimTime.Zero, 1800));
        AssertNear(86_400 + 3600 + 1, day.After(S(86_399), 24));
        AssertNear((10 * 86_400) + 3600 + 1, day.After(S(3600), (10 * 276 * 3600) + 1));

        double[] weekend = [1, 1, 1, 1, 1, 0, 0.5];
        RateCurve week = new HourlyOptions(Flat, Day, weekend).Curve();
        AssertNear((6 * 86_400) + 1, week.After(S((5 * 86_400) - 1), 4 + 2));
        AssertNear((7 * 86_400) + 1, week.After(S((7 * 86_400) - 1), 2 + 4));
    }

    [Fact]
    public void A_short_day_is_the_same_day_in_fast_motion() =>
        AssertNear(1.5 * 100, new HourlyOptions(Rising, S(2400)).Curve().After(SimTime.Zero, 50));

    [Fact]
    public void Two_steps_along_a_curve_are_one() =>
        Gen.Select(
            Gen.Double[0.01, 20].Array[24], Gen.Double[1, 500], Gen.Double[1e-3, 1e5], Gen.Double[1e-3, 1e5],
            Gen.Double[0, 1e6]).Sample((rates, day, first, second, from) =>
            {
                RateCurve curve = new HourlyOptions(rates, S(day)).Curve();
                SimTime direct = curve.After(S(from), first + second);
                SimTime stepped = curve.After(curve.After(S(from), first), second);
                return Math.Abs((direct - stepped).TotalSeconds) < 1e-5;
            });

    [Fact]
    public void A_constant_rate_gives_the_gaps_of_gamma()
    {
        RandomStreams streams = new(3);
        SimTime[] gamma = Gaps.Arrivals(new GammaArrivals(new(4, 0.5), streams), 1000);
        RateCurve[] curves =
        [
            new RampOptions(4, 4, S(10)).Curve(),
            new SpikeOptions(4, 1, S(10), S(20)).Curve(),
            new HourlyOptions(Flat, S(24)).Curve(),
        ];

        Assert.All(curves, curve => Assert.All(
            gamma.Zip(Gaps.Arrivals(new VaryingArrivals(curve, 0.5, streams), 1000)),
            pair => Assert.InRange((pair.First - pair.Second).Ticks, -1000, 1000)));
    }

    [Fact]
    public void Arrivals_in_each_stretch_are_as_many_as_the_curve_says()
    {
        RandomStreams streams = new(1);
        AssertCounts([15_000, 60_000, 15_000], new(new SpikeOptions(15, 4, S(1000), S(2000)).Curve(), 1, streams));
        AssertCounts([10_000, 30_000, 40_000], new(new RampOptions(0, 40, S(2000)).Curve(), 1, streams));
    }

    private static void AssertCounts(int[] expected, VaryingArrivals arrivals)
    {
        int[] counts = Gaps.Counts(arrivals, S(1000), expected.Length);

        // Four standard deviations of a Poisson count
        Assert.All(counts.Zip(expected), c =>
            Assert.InRange(c.First, c.Second - (4 * Math.Sqrt(c.Second)), c.Second + (4 * Math.Sqrt(c.Second))));
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(1)]
    [InlineData(4)]
    public void Bursts_are_as_strong_at_every_rate(double shape)
    {
        VaryingArrivals arrivals = new(new SpikeOptions(4, 10, S(5000), S(6000)).Curve(), shape, new RandomStreams(1));
        SimTime[] instants = Gaps.Arrivals(arrivals, 58_000);
        double[] gaps = [.. instants.Zip(instants.Skip(1), (a, b) => (b - a).TotalSeconds)];

        AssertVariation([.. gaps.Where((_, i) => instants[i + 1] < S(5000))]);
        AssertVariation([.. gaps.Where((_, i) => instants[i] >= S(5000) && instants[i + 1] < S(6000))]);

        void AssertVariation(double[] some)
        {
            double mean = some.Average();
            double variation = Math.Sqrt(some.Average(g => g * g) - (mean * mean)) / mean;
            Assert.InRange(variation * Math.Sqrt(shape), 0.96, 1.04);
        }
    }

    [Fact]
    public void A_gap_is_a_function_of_its_index_and_the_arrival_before()
    {
        VaryingArrivals asked = new(Ramp.Curve(), 1, new RandomStreams(5));
        SimTime[] inOrder = Gaps.Arrivals(asked, 50);

        Assert.Equal(inOrder[40], asked.NextAfter(inOrder[39], 40));
        VaryingArrivals fresh = new(Ramp.Curve(), 1, new RandomStreams(5));
        Assert.Equal(inOrder[40], fresh.NextAfter(inOrder[39], 40));
        Assert.NotEqual(inOrder, Gaps.Arrivals(new VaryingArrivals(Ramp.Curve(), 1, new RandomStreams(6)), 50));
    }

    [Fact]
    public void A_curve_that_leaves_the_clock_says_so()
    {
        Assert.Throws<ClockRangeException>(() => Ramp.Curve().After(SimTime.Zero, 1e12));
        Assert.Throws<ClockRangeException>(() => new HourlyOptions(Flat, Day).Curve().After(SimTime.Zero, 1e12));
        Assert.Throws<ClockRangeException>(() => new HourlyOptions(Flat, S(1)).Curve().After(SimTime.Zero, 1e300));
    }

    [Fact]
    public void Options_out_of_range_are_problems()
    {
        Assert.Empty(Ramp.Problems());
        Assert.Equal(
            ["StartRatePerS", "EndRatePerS", "RampTime", "Shape"],
            new RampOptions(-1, 0, SimTime.Zero, double.NaN).Problems().Select(p => p.Parameter));

        Assert.Empty(Spike.Problems());
        Assert.Equal(
            ["RatePerS", "Factor", "SpikeEnd", "Shape"],
            new SpikeOptions(0, double.NaN, S(2), S(2), 0).Problems().Select(p => p.Parameter));

        Assert.Empty(new HourlyOptions(Rising, Day, [1, 1, 1, 1, 1, 0, 0]).Problems());
        Assert.Equal(
            ["RatesPerS", "WeekdayFactors", "Day", "Shape"],
            new HourlyOptions([1], SimTime.OneTick, [1], 0).Problems().Select(p => p.Parameter));
        Assert.Equal(
            ["RatesPerS", "WeekdayFactors", "Day"],
            new HourlyOptions(new double[24], S(1e7), new double[7]).Problems().Select(p => p.Parameter));
        Assert.Equal("RatesPerS", Assert.Single(new HourlyOptions([.. Flat[1..], -1], Day).Problems()).Parameter);
        Assert.Equal(
            "RatesPerS", Assert.Single(new HourlyOptions([.. Flat[1..], double.NaN], Day).Problems()).Parameter);
    }

    private static SimTime S(double seconds) => SimTime.FromSeconds(seconds);

    private static void AssertNear(double seconds, SimTime at) =>
        Assert.InRange((at - S(seconds)).Ticks, -2 - (long)(seconds / 1e4), 2 + (long)(seconds / 1e4));
}
