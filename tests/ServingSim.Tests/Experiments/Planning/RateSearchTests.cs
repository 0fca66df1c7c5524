using ServingSim.Experiments.Planning;
using Xunit;

namespace ServingSim.Tests.Experiments.Planning;

public sealed class RateSearchTests
{
    [Theory]
    [InlineData(0.011)]
    [InlineData(0.9)]
    [InlineData(1)]
    [InlineData(1.3)]
    [InlineData(700)]
    public void The_greatest_factor_is_found_within_the_tolerance(double greatest)
    {
        RateSearch search = RateSearch.Run(factor => factor <= greatest, 0.02);
        Assert.False(search.IsUnbounded);
        Assert.InRange(search.Greatest!.Value, greatest / 1.02, greatest);
        Assert.Equal(search.Tried.Distinct(), search.Tried);
    }

    [Fact]
    public void The_points_tried_are_those_of_doubling_and_bisection() => Assert.Equal(
        [1, 2, 4, Math.Sqrt(8), Math.Sqrt(4 * Math.Sqrt(8))],
        RateSearch.Run(factor => factor <= 3.2, 0.2).Tried);

    [Fact]
    public void That_nothing_or_everything_is_enough_is_told()
    {
        RateSearch none = RateSearch.Run(_ => false, 0.02);
        Assert.Equal((null, false, 1.0 / 4096), (none.Greatest, none.IsUnbounded, none.Least));
        RateSearch all = RateSearch.Run(_ => true, 0.02);
        Assert.Equal((4096.0, true), (all.Greatest, all.IsUnbounded));
    }

    /// <summary>Enough up to 2.5, and again from 2.9 to 3.5: some end of what is enough is found.</summary>
    [Fact]
    public void Of_a_verdict_that_is_not_monotone_some_step_downwards_is_found()
    {
        static bool IsEnough(double factor) => factor is <= 2.5 or (>= 2.9 and <= 3.5);
        double greatest = RateSearch.Run(IsEnough, 0.01).Greatest!.Value;
        Assert.True(IsEnough(greatest) && !IsEnough(greatest * 1.01));
    }
}
