using ServingSim.Experiments.Workloads.Sessions;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Sessions;

public sealed class LognormalGapsTests
{
    private static readonly SimTime Longest = SimTime.FromSeconds(110 * 86_400);

    [Fact]
    public void No_gap_is_longer_than_110_days_and_half_are_below_the_median()
    {
        LognormalGaps gaps = new(new LognormalGapsOptions(SimTime.FromSeconds(86_400), Sigma: 10));
        RandomStream stream = new RandomStreams(1).Stream("gaps");
        SimTime[] drawn = [.. Enumerable.Range(0, 10_000).Select(i => Draw(gaps, stream, i))];

        // ln 110 is 0.47 standard deviations above the median: 31.9 % are cut there
        Assert.Equal(Longest, drawn.Max());
        Assert.InRange(drawn.Count(g => g == Longest), 3_000, 3_400);
        Assert.InRange(drawn.Count(g => g < SimTime.FromSeconds(86_400)), 4_800, 5_200);
    }

    private static SimTime Draw(LognormalGaps gaps, RandomStream stream, long item)
    {
        Draws draws = stream.At(item);
        return gaps.Draw(ref draws);
    }
}
