using CsCheck;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Results;

public class LatencyStatisticsTests
{
    [Fact]
    public void Percentiles_interpolate_linearly_as_numpy_does()
    {
        var of = LatencyStatistics.Of([0.03, 0.01, 0.04, 0.02])!;
        Assert.Equal(25, of.P50Ms, 1e-12);
        Assert.Equal(37, of.P90Ms, 1e-12);
        Assert.Equal(38.5, of.P95Ms, 1e-12);
        Assert.Equal(39.7, of.P99Ms, 1e-12);
        Assert.Equal(25, of.MeanMs, 1e-12);
        Assert.Equal(25, of.MedianMs, 1e-12);
        Assert.Equal(Math.Sqrt(125), of.StdMs, 1e-12);
    }

    [Fact]
    public void Of_one_value_everything_is_that_value_and_it_does_not_spread()
    {
        Assert.Equal(new LatencyStatistics(250, 250, 0, 250, 250, 250, 250), LatencyStatistics.Of([0.25]));
        var histogram = new LatencyHistogram();
        histogram.Record(SimTime.FromSeconds(0.25));
        Assert.Equal(new LatencyStatistics(250, 250, 0, 250, 250, 250, 250), LatencyStatistics.Of(histogram));
    }

    [Fact]
    public void Of_no_values_there_are_no_statistics()
    {
        Assert.Null(LatencyStatistics.Of([], []));
        Assert.Null(LatencyStatistics.Of(new LatencyHistogram()));
    }

    [Fact]
    public void The_order_of_values_and_their_parting_change_no_bit()
    {
        Gen.Select(Gen.Double[0, 1e6].List[1, 50], Gen.Double[0, 1e6].List[0, 50]).Sample((a, b) =>
        {
            List<double> all = [.. b.Concat(a).Reverse()];
            return LatencyStatistics.Of(a, b) == LatencyStatistics.Of(all);
        });
    }

    [Fact]
    public void A_histogram_agrees_with_exact_statistics_within_its_error()
    {
        Gen.Long[0, 4000 * SimTime.TicksPerSecond].Array[1, 60].Sample(ticks =>
        {
            var histogram = new LatencyHistogram();
            Array.ForEach(ticks, t => histogram.Record(new SimTime(t)));
            var exact = LatencyStatistics.Of([.. ticks.Select(t => new SimTime(t).TotalSeconds)])!;
            var sketched = LatencyStatistics.Of(histogram)!;
            static bool Near(double a, double b, double share) => Math.Abs(a - b) <= (share * a) + 1e-6;
            return Near(exact.P50Ms, sketched.P50Ms, LatencyHistogram.RelativeError)
                && Near(exact.P90Ms, sketched.P90Ms, LatencyHistogram.RelativeError)
                && Near(exact.P99Ms, sketched.P99Ms, LatencyHistogram.RelativeError)
                && Near(exact.MeanMs, sketched.MeanMs, 1e-12)
                && Near(exact.StdMs, sketched.StdMs, 1e-9);
        });
    }
}
