using CsCheck;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Forecasting;
using Xunit;

namespace ServingSim.Tests.Experiments.Forecasting;

/// <summary>What a forecast may know.</summary>
public sealed class LoadFeaturesTests
{
    [Fact]
    public void The_features_of_ten_minutes_are_those_worked_out_by_hand()
    {
        // Bins of 10 min from 23:00 of a Tuesday on (day 6 of an axis whose day 0 is a Wednesday)
        LoadSeries series = Series(600, firstBin: (6 * 144) + 138, 4, 8, 6, 2, 10, 0, 99);

        float[] features = LoadFeatures.Of(series, series.Requests, 6);

        Assert.Equal(
            ["lag 1", "lag 2", "lag 3", "mean of 3 bins", "deviation of 3 bins", "most of 3 bins", "mean of 6 bins",
                "deviation of 6 bins", "most of 6 bins", "hour", "weekday"],
            LoadFeatures.Names(600));
        // Lags 0, 10, 2; of them mean 4, deviation √(104/3 − 16); of six mean 5, deviation √(220/6 − 25); Wednesday 0 h
        double[] expected =
            [0, 10, 2, 4, Math.Sqrt((104 / 3.0) - 16), 10, 5, Math.Sqrt((220 / 6.0) - 25), 10, 0, 3];
        Assert.Equal(expected, features.Select(f => (double)f), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(6, LoadFeatures.FirstBin(600));
    }

    [Fact]
    public void A_minute_has_windows_of_ten_thirty_and_sixty() => Assert.Equal(
        (60, 14), (LoadFeatures.FirstBin(60), LoadFeatures.Names(60).Count));

    [Fact]
    public void Nothing_from_a_bin_on_changes_its_features() => Gen.Select(
            Gen.Double[0, 100].Array[130], Gen.Double[0, 100].Array[130], Gen.Int[60, 129])
        .Sample((past, future, bin) =>
        {
            LoadSeries series = Series(60, 0, past);
            double[] other = [.. past[..bin], .. future[bin..]];
            LoadSeries changed = series with { Requests = other };
            Assert.Equal(LoadFeatures.Of(series, past, bin), LoadFeatures.Of(changed, other, bin));
        });

    [Fact]
    public void Rows_are_counted_by_bin_and_their_tokens_averaged_over_those_that_succeeded()
    {
        ServiceRows rows = new("a", [0, 59, 60, 86_399], [10, 0, 30, 5], [2, 0, 8, 5], []);

        LoadSeries series = LoadSeries.Of(rows, 60, firstDay: 0, days: 1, DayOfWeek.Wednesday);

        Assert.Equal(1440, series.Count);
        Assert.Equal((2.0, 1.0, 1.0), (series.Requests[0], series.Requests[1], series.Requests[1439]));
        Assert.Equal((12.0, 38.0, null), (series.MeanTokens[0], series.MeanTokens[1], series.MeanTokens[2]));
    }

    private static LoadSeries Series(double binS, int firstBin, params double[] requests) =>
        new(firstBin, binS, DayOfWeek.Wednesday, requests, [.. requests.Select(_ => (double?)null)]);
}
