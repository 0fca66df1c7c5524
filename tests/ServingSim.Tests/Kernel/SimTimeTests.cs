using CsCheck;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Kernel;

public sealed class SimTimeTests
{
    [Fact]
    public void A_tick_is_ten_picoseconds_and_a_year_fits_twice()
    {
        Assert.Equal(100_000_000_000, SimTime.FromSeconds(1).Ticks);
        Assert.Equal(1e-11, SimTime.OneTick.TotalSeconds);
        Assert.True(SimTime.Max > SimTime.FromSeconds(2 * 365.25 * 86_400));
    }

    [Fact]
    public void Durations_round_to_the_nearest_tick_or_up_on_request()
    {
        Assert.Equal(1, SimTime.FromSeconds(1.4e-11).Ticks);
        Assert.Equal(2, SimTime.FromSecondsRoundedUp(1.4e-11).Ticks);
        Assert.Equal(150_000_000, SimTime.FromMilliseconds(1.5).Ticks);
    }

    [Fact]
    public void What_does_not_fit_throws()
    {
        Assert.Throws<ClockRangeException>(() => SimTime.FromSeconds(1e8));
        Assert.Throws<ClockRangeException>(() => SimTime.Max + SimTime.OneTick);
        Assert.Throws<ClockRangeException>(() => SimTime.Max * 2);
    }

    [Fact]
    public void Text_is_exact() => Assert.Equal("1.50000000001 s", new SimTime(150_000_000_001).ToString());

    [Fact]
    public void Sums_do_not_depend_on_their_order() => Gen.Long[0, 1L << 40].Array[1, 50].Sample(ticks =>
    {
        SimTime forth = ticks.Aggregate(SimTime.Zero, (sum, t) => sum + new SimTime(t));
        SimTime back = ticks.Reverse().Aggregate(SimTime.Zero, (sum, t) => sum + new SimTime(t));
        return forth == back;
    });
}
