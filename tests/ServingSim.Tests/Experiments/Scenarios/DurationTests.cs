using CsCheck;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Scenarios;

public sealed class DurationTests
{
    [Theory]
    [InlineData("0.01ns", 1)]
    [InlineData("1us", 100_000)]
    [InlineData("10ms", 1_000_000_000)]
    [InlineData("1.5s", 150_000_000_000)]
    [InlineData("20m", 120_000_000_000_000)]
    [InlineData("1h", 360_000_000_000_000)]
    [InlineData("213d", 1_840_320_000_000_000_000)]
    [InlineData("0s", 0)]
    [InlineData("92233720368547758.07ns", long.MaxValue)]
    public void A_duration_is_a_number_and_its_unit(string text, long ticks)
    {
        Assert.Null(Duration.TryParse(text, out SimTime duration));
        Assert.Equal(new SimTime(ticks), duration);
    }

    [Theory]
    [InlineData("5", "a duration such as 10ms, 1.5s, 20m, 1h, 213d")]
    [InlineData("0", "a duration such as 10ms, 1.5s, 20m, 1h, 213d")]
    [InlineData("s", "a duration such as 10ms, 1.5s, 20m, 1h, 213d")]
    [InlineData("", "a duration such as 10ms, 1.5s, 20m, 1h, 213d")]
    [InlineData("5 s", "a duration such as 10ms, 1.5s, 20m, 1h, 213d")]
    [InlineData("5sec", "a duration such as 10ms, 1.5s, 20m, 1h, 213d")]
    [InlineData("1e3s", "a duration such as 10ms, 1.5s, 20m, 1h, 213d")]
    [InlineData("--5s", "a duration such as 10ms, 1.5s, 20m, 1h, 213d")]
    [InlineData("-5s", "a duration of 0s or more")]
    [InlineData("1068d", "a duration of at most 1067d")]
    [InlineData("92233720368547758.08ns", "a duration of at most 1067d")]
    [InlineData("9999999999999999999999999999d", "a duration of at most 1067d")]
    [InlineData("0.001ns", "a duration that is a multiple of 0.01ns")]
    [InlineData("0.00000000000000000000000000001s", "a duration of at most 28 digits")]
    public void What_is_no_duration_is_refused(string text, string expected) =>
        Assert.Equal(expected, Duration.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(SimTime.TicksPerSecond * 90, "90s")]
    [InlineData(SimTime.TicksPerSecond * 3600, "1h")]
    [InlineData(SimTime.TicksPerSecond * 3 / 2, "1.5s")]
    [InlineData(SimTime.TicksPerSecond / 100, "10ms")]
    [InlineData(1, "0.01ns")]
    [InlineData(long.MaxValue, "92233720.36854775807s")]
    public void A_duration_is_written_in_its_shortest_form(long ticks, string text) =>
        Assert.Equal(text, Duration.Format(new SimTime(ticks)));

    [Fact]
    public void What_is_written_is_read_as_the_same() => Gen.OneOf(
            Gen.Long[0, long.MaxValue],
            Gen.Long[0, 92_233_720].Select(s => s * SimTime.TicksPerSecond),
            Gen.Long[0, 1_000_000_000])
        .Sample(ticks => Duration.TryParse(Duration.Format(new SimTime(ticks)), out SimTime read) is null
            && read.Ticks == ticks);
}
