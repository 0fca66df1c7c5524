using ServingSim.Experiments.Replicating;
using Xunit;

namespace ServingSim.Tests.Experiments.Replicating;

public sealed class QueueTrendTests
{
    /// <summary>Windows are a minute by default: a run of ten minutes has no more than ten of them.</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(10)]
    [InlineData(19)]
    [InlineData(200)]
    public void A_queue_that_grows_is_told_in_few_windows_too_and_one_that_does_not_is_not(int windows)
    {
        double[] growing = [.. Enumerable.Range(0, windows).Select(i => (double)i)];
        Assert.NotNull(QueueTrend.Of(growing));
        Assert.Null(QueueTrend.Of([.. growing.Select(i => 5 + (i % 3))]));
    }

    [Fact]
    public void Seven_windows_are_too_few() => Assert.Null(QueueTrend.Of([0, 1, 2, 3, 4, 5, 6]));
}
