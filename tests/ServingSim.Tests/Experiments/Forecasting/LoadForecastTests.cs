using ServingSim.Experiments.Forecasting;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Forecasting;

/// <summary>Forecasts and how far they are off.</summary>
public sealed class LoadForecastTests
{
    private const int PerDay = 144;

    [Fact]
    public void Errors_are_those_worked_out_by_hand()
    {
        // Mean 4, variance (9 + 1 + 1 + 9) / 4 = 5; absolute errors 1, 0, 2, 1; their squares 1, 0, 4, 1
        ForecastErrors errors = ForecastErrors.Of([(2, 1), (3, 3), (3, 5), (8, 7)]);

        Assert.Equal((4, 0.25, 0.3), (errors.Count, errors.Nmae, errors.Nmse));
    }

    [Fact]
    public void A_forecast_of_the_mean_has_a_squared_error_of_one() =>
        Assert.Equal(1, ForecastErrors.Of([(4, 1), (4, 3), (4, 5), (4, 7)]).Nmse, 12);

    [Fact]
    public void Persistence_says_the_last_bin_again_and_the_season_the_day_before()
    {
        LoadSeries series = Days(4, (day, bin) => (day * 1000) + bin);

        LoadForecast forecast = LoadForecast.Of(series, ForecastTarget.Requests, 2 * PerDay);

        Assert.Equal(2 * PerDay, forecast.FirstTested);
        Assert.Equal((2000.0, 1143.0, 1000.0), At(forecast, 0));
        Assert.Equal((3007.0, 3006.0, 2007.0), At(forecast, PerDay + 7));
    }

    [Fact]
    public void Trees_learn_what_comes_each_day_at_its_hour()
    {
        // Each day 100 requests a bin from 8 to 20 h and 10 else, and chance that the last bins tell nothing of
        RandomStream chance = new RandomStreams(1).Stream("chance");
        LoadSeries series = Days(
            20, (day, bin) => (bin / 6 is >= 8 and < 20 ? 100 : 10) + chance.At(day, bin).NextIndex(9));

        LoadForecast forecast = LoadForecast.Of(series, ForecastTarget.Requests, 14 * PerDay);

        Assert.InRange(forecast.ErrorsOf(LoadForecast.Trees).Nmae, 0, 0.06);
        Assert.True(forecast.ErrorsOf(LoadForecast.Trees).Nmse < forecast.ErrorsOf(LoadForecast.Persistence).Nmse);
    }

    [Fact]
    public void Bins_without_a_value_are_not_judged_and_the_last_one_stands_for_them()
    {
        LoadSeries series = Days(3, (_, bin) => bin) with
        {
            MeanTokens = [.. Enumerable.Range(0, 3 * PerDay).Select(i => i % 2 == 0 ? i : (double?)null)],
        };

        LoadForecast forecast = LoadForecast.Of(series, ForecastTarget.MeanTokens, 2 * PerDay);

        Assert.Equal(PerDay / 2, forecast.ErrorsOf(LoadForecast.Persistence).Count);
        // Of bin 290 the last value before is that of 288, which also stands for the empty bin 289
        Assert.Equal(288, forecast.Forecasts[LoadForecast.Persistence][2]);
    }

    [Fact]
    public void Trees_know_nothing_of_the_bins_that_they_are_tested_on()
    {
        LoadSeries calm = Days(8, (_, bin) => 50 + (bin % 7));
        LoadSeries other = Days(8, (day, bin) => day < 4 ? 50 + (bin % 7) : 1000 - (3 * bin));

        // The first forecast reads bins before it only, which are the same
        Assert.Equal(Trees(calm)[0], Trees(other)[0]);
        // And no tree can say what was never learned
        Assert.All(Trees(other), v => Assert.InRange(v, 49, 57));
    }

    [Fact]
    public void The_same_examples_give_the_same_trees()
    {
        LoadSeries series = Days(6, (day, bin) => (day * bin) % 37);

        IReadOnlyList<double> once = Trees(series);
        IReadOnlyList<double> again = Trees(series);

        Assert.Equal(once, again);
        Assert.All(once, v => Assert.True(v >= 0));
    }

    private static IReadOnlyList<double> Trees(LoadSeries series) =>
        LoadForecast.Of(series, ForecastTarget.Requests, 4 * PerDay).Forecasts[LoadForecast.Trees];

    private static (double Actual, double Persistence, double Seasonal) At(LoadForecast forecast, int i) => (
        forecast.Actual[i]!.Value, forecast.Forecasts[LoadForecast.Persistence][i],
        forecast.Forecasts[LoadForecast.Seasonal][i]);

    private static LoadSeries Days(int days, Func<int, int, double> requests)
    {
        double[] values =
            [.. Enumerable.Range(0, days * PerDay).Select(i => requests(i / PerDay, i % PerDay))];
        return new LoadSeries(0, 600, DayOfWeek.Wednesday, values, [.. values.Select(v => (double?)v)]);
    }
}
