using ServingSim.Experiments.Replicating;
using Xunit;

namespace ServingSim.Tests.Experiments.Replicating;

public sealed class QueueTrendTests
{
    private static readonly ParallelRuns Parallel = new(2, default);

    [Theory]
    [InlineData(100)]
    [InlineData(139)]
    [InlineData(4096)]
    public void A_queue_that_grows_is_told_and_one_that_does_not_is_not(int arrivals)
    {
        int[] growing = [.. Enumerable.Range(0, arrivals)];
        QueueTrend trend = QueueTrend.Of(QueueTrend.BatchesOf(growing))!;
        Assert.Equal(growing[..(arrivals / 4)].Average(), trend.Early, 1.0);
        Assert.Equal(growing[^(arrivals / 4)..].Average(), trend.Late, 1.0);
        Assert.Null(QueueTrend.Of(QueueTrend.BatchesOf([.. growing.Select(i => 5 + (i % 3))])));
    }

    [Fact]
    public void Ninety_nine_arrivals_are_too_few() =>
        Assert.Null(QueueTrend.Of(QueueTrend.BatchesOf([.. Enumerable.Range(0, 99)])));

    /// <summary>Runs of a few seconds, shorter than one window of a minute or ten.</summary>
    [Theory]
    [InlineData(2, 300, true)]
    [InlineData(1.5, 20_000, true)]
    [InlineData(0.5, 300, false)]
    [InlineData(0.8, 20_000, false)]
    public void An_unstable_queue_is_told_however_short_the_run_and_long_the_windows(
        double load, int requests, bool grows)
    {
        ReplicatedRun run = Replications.Run(
            new WarmScenario(
                Sample.ConstantService(load, requests, "outputs.timeseries_interval=1h", "replications.count=3"), []),
            Parallel);
        Assert.Equal(grows, run.Trend is not null);
    }

    /// <summary>A queue of 90 % load is long for a while, by chance, in any part of a run.</summary>
    [Fact]
    public void A_busy_queue_is_seldom_taken_for_one_that_grows()
    {
        IReadOnlyList<bool> told = Parallel.Map(200, i => Replications.Run(
            new WarmScenario(
                Sample.ConstantService(0.9, 1000, FormattableString.Invariant($"seed={1 + (1000 * i)}")), []),
            new ParallelRuns(1, default)).Trend is not null);
        Assert.InRange(told.Count(t => t), 0, 10);
    }
}
