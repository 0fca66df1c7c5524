using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Reproducing.Demonstrations;
using Xunit;

namespace ServingSim.Tests.Experiments.Reproducing.Demonstrations;

/// <summary>Stretches and days of a trace, brought to another rate.</summary>
public sealed class ScaledRowsTests
{
    [Fact]
    public void Stretches_are_those_whose_factor_is_nearest_and_do_not_overlap()
    {
        // Stretches of 3 rows that take 2, 20, 200 and 4 s; at 1 request/s their factors are a third of that
        double[] times = [0, 1, 2, 10, 20, 30, 100, 200, 300, 301, 303, 305];

        Assert.Equal([0, 9], Stretches.NearestTo(times, 3, 2, ratePerS: 1, factor: 1));
        Assert.Equal([3], Stretches.NearestTo(times, 3, 1, ratePerS: 1, factor: 6));
        Assert.Equal(20 / 3.0, Stretches.Factor(times, 3, 3, 1), 12);
    }

    [Fact]
    public void Stretches_are_spread_from_the_first_row_to_the_last() =>
        Assert.Equal([0, 45, 90], Stretches.Spread(100, 10, 3));

    [Fact]
    public void Gaps_have_mean_one()
    {
        double[] gaps = Stretches.Gaps([5, 6, 9, 9], 0, 4);

        Assert.Equal([0, 1, 3, 0], gaps);
        Assert.Equal(1, gaps.Average());
        Assert.Equal(Math.Sqrt(1.5), Stretches.Variation(gaps), 12);
    }

    [Fact]
    public void A_day_leaves_failed_rows_out_cuts_long_ones_and_passes_faster()
    {
        ServiceRows rows = new("a", [10, 86_400, 86_500, 90_000], [1, 5000, 7, 9], [1, 2000, 0, 3], []);

        Assert.Equal(
            [new RequestRow(0, 3072, 1023), new RequestRow(100, 9, 3)],
            ScaledDay.Of(rows, 1, copies: 1, speed: 36, seed: 1));
    }

    [Fact]
    public void Copies_come_within_the_minute_around_their_row()
    {
        ServiceRows rows = new("a", [5, 1000], [1, 2], [1, 2], []);

        IReadOnlyList<RequestRow> made = ScaledDay.Of(rows, 0, copies: 50, speed: 1, seed: 1);

        Assert.Equal(100, made.Count);
        Assert.Equal(made.OrderBy(r => r.AtS), made);
        Assert.All(made.Take(50), r => Assert.InRange(r.AtS, 0, 35));
        Assert.All(made.Skip(50), r => Assert.InRange(r.AtS, 970, 1030));
        Assert.Equal(3, ScaledDay.Copies(rowsPerDay: 8640, speed: 2, ratePerS: 0.6));
    }

    [Fact]
    public void Typical_days_have_about_the_median_of_rows()
    {
        double[] times =
        [
            .. Enumerable.Range(0, 5)
                .SelectMany(d => Enumerable.Range(0, 10 + (d * d)).Select(i => (d * 86_400.0) + i)),
        ];
        int[] lengths = [.. times.Select(_ => 1)];

        // 10, 11, 14, 19 and 26 rows
        Assert.Equal([0, 1, 2], ScaledDay.Typical(new ServiceRows("a", times, lengths, lengths, []), 0, 5, 3));

        // Of a day without an answer nothing can be simulated
        int[] answers = [.. times.Select(t => t is > 86_000 and < 170_000 ? 0 : 1)];
        Assert.Equal([0, 2, 3], ScaledDay.Typical(new ServiceRows("a", times, lengths, answers, []), 0, 5, 3));
    }
}
