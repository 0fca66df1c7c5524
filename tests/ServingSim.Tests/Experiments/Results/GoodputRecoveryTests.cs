using ServingSim.Experiments.Results;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Results;

public class GoodputRecoveryTests
{
    private static readonly SimTime End = SimTime.FromSeconds(1000);

    /// <summary>
    /// One a second but from 200 to 290: the window that begins at 284, to 344, is the first with 54 of 60.
    /// </summary>
    [Fact]
    public void Goodput_is_back_with_the_first_window_that_has_nine_tenths_of_what_it_was_before() =>
        Assert.Equal(84, Of(s => s is <= 200 or > 290).SecondsAfter([SimTime.FromSeconds(200)], End)[0]);

    [Fact]
    public void Goodput_that_never_fell_is_back_at_once() =>
        Assert.Equal(0, Of(s => s is <= 200 or > 206).SecondsAfter([SimTime.FromSeconds(200)], End)[0]);

    [Fact]
    public void Goodput_that_stays_low_is_not_back() =>
        Assert.Null(Of(s => s <= 200 || s % 2 == 0).SecondsAfter([SimTime.FromSeconds(200)], End)[0]);

    [Fact]
    public void Windows_beyond_the_end_do_not_count() =>
        Assert.Null(Of(s => s is <= 200 or > 290)
            .SecondsAfter([SimTime.FromSeconds(200)], SimTime.FromSeconds(343))[0]);

    [Fact]
    public void Where_nothing_was_good_before_nothing_comes_back() =>
        Assert.Null(Of(s => s > 300).SecondsAfter([SimTime.FromSeconds(200)], End)[0]);

    [Fact]
    public void A_fault_in_the_first_minute_looks_at_what_there_was() =>
        Assert.Equal(0, Of(_ => true).SecondsAfter([SimTime.FromSeconds(5)], End)[0]);

    /// <summary>
    /// From 200 to 290 nothing: by the ten of its own last minute the fault of 250 would be over at once, and by none
    /// that of 290 never. A fall from 400 on, to nine tenths, is none.
    /// </summary>
    [Fact]
    public void A_fault_that_strikes_while_goodput_is_low_is_measured_by_what_was_before_it_fell() => Assert.Equal(
        [84, 34, 0, 0],
        Of(s => s is <= 200 or > 290 && (s < 400 || s % 10 > 0)).SecondsAfter(
            [.. new[] { 200, 250, 290, 400 }.Select(s => SimTime.FromSeconds(s))], End));

    /// <summary>As long as goodput is not back every fault is measured by the first one's minute.</summary>
    [Fact]
    public void Goodput_that_never_comes_back_comes_back_from_no_later_fault() => Assert.Equal(
        [null, null],
        Of(s => s <= 200 || s % 2 == 0).SecondsAfter([SimTime.FromSeconds(200), SimTime.FromSeconds(600)], End));

    private static GoodputRecovery Of(Func<int, bool> isGood)
    {
        GoodputRecovery recovery = new();
        foreach (int second in Enumerable.Range(1, 1000).Where(isGood))
        {
            recovery.Add(SimTime.FromSeconds(second));
        }

        return recovery;
    }
}
