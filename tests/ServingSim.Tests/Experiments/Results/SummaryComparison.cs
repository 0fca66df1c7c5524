using System.Collections.Immutable;
using ServingSim.Experiments.Results;
using Xunit;

namespace ServingSim.Tests.Experiments.Results;

/// <summary>Compares a summary with another of the same run whose latencies were not kept.</summary>
internal static class SummaryComparison
{
    /// <summary>Of sub-tick differences that a double of seconds makes.</summary>
    private const double RoundingMs = 1e-7;

    internal static void AssertSameButSketched(Summary exact, Summary sketched)
    {
        Assert.Null(exact.Rows.PercentileRelativeError);
        Assert.InRange(sketched.Rows.PercentileRelativeError!.Value, 0, 0.005);
        double error = sketched.Rows.PercentileRelativeError.Value;
        Assert.Equal(
            (exact.Arrived, exact.Events, exact.Warmup, exact.Trace),
            (sketched.Arrived, sketched.Events, sketched.Warmup, sketched.Trace));
        AssertSame(exact.Overall, sketched.Overall, error);
        AssertSame(exact.ByPool, sketched.ByPool, error);
        Assert.Equal(exact.ByLabel.Keys, sketched.ByLabel.Keys);
        foreach (string label in exact.ByLabel.Keys)
        {
            AssertSame(exact.ByLabel[label], sketched.ByLabel[label], error);
        }
    }

    private static void AssertSame(
        ImmutableSortedDictionary<string, SummaryBlock> exact,
        ImmutableSortedDictionary<string, SummaryBlock> sketched,
        double error)
    {
        Assert.Equal(exact.Keys, sketched.Keys);
        foreach (string key in exact.Keys)
        {
            AssertSame(exact[key], sketched[key], error);
        }
    }

    private static void AssertSame(SummaryBlock exact, SummaryBlock sketched, double error)
    {
        AssertNear(exact.Ttft, sketched.Ttft, error);
        AssertNear(exact.Tpot, sketched.Tpot, error);
        AssertNear(exact.E2el, sketched.E2el, error);
        Assert.Equal(exact, sketched with { Ttft = exact.Ttft, Tpot = exact.Tpot, E2el = exact.E2el });
    }

    /// <summary>Means and deviations are equal to the bit.</summary>
    private static void AssertNear(LatencyStatistics? exact, LatencyStatistics? sketched, double error)
    {
        Assert.Equal((exact?.MeanMs, exact?.StdMs), (sketched?.MeanMs, sketched?.StdMs));
        foreach ((double? e, double? s) in Percentiles(exact).Zip(Percentiles(sketched)))
        {
            Assert.True(e is null == s is null, $"{e} is told as {s}");
            Assert.True(e is null || Math.Abs(e.Value - s!.Value) <= (error * e) + RoundingMs, $"{e} is told as {s}");
        }
    }

    private static double?[] Percentiles(LatencyStatistics? of) =>
        [of?.MedianMs, of?.P50Ms, of?.P90Ms, of?.P95Ms, of?.P99Ms];
}
