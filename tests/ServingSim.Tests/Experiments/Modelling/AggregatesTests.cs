using System.Globalization;
using Xunit;
using static ServingSim.Tests.Experiments.Modelling.GeneratedDays;

namespace ServingSim.Tests.Experiments.Modelling;

/// <summary>61 days of the shipped models against what is published of BurstGPT_1.</summary>
public sealed class AggregatesTests
{
    private const int Days = 61;
    private const int QuietDays = 9;
    private const string ByDayFile = "burstgpt/BurstGPT_1_daily_by_service_digitised_fig1.csv";
    private const string ByHourFile = "burstgpt/BurstGPT_1_hourly_boxplot_digitised_fig2.csv";
    private const string TotalsFile = "burstgpt/BurstGPT_1_daily_totals.csv";
    private const string MeanFile = "burstgpt/BurstGPT_1_hour_of_day_mean.csv";

    [SharedDataTheory(ByDayFile)]
    [InlineData("burstgpt-chatgpt-conversation", "chatgpt_conv")]
    [InlineData("burstgpt-gpt4-conversation", "gpt4_conv")]
    public void Conversations_a_workday_and_a_weekend_day_are_within_5_percent(string model, string column)
    {
        ILookup<bool, double> real = Rows(ByDayFile).ToLookup(r => r["dow"] is "Sat" or "Sun", r => Number(r[column]));
        ILookup<bool, double> made = Enumerable.Range(1, 10)
            .SelectMany(seed => ByDay(CountByHour(model, seed, Days)).Index())
            .ToLookup(d => IsWeekend(d.Index), d => (double)d.Item);

        Assert.All(
            new[] { false, true },
            isWeekend => Assert.InRange(made[isWeekend].Average() / real[isWeekend].Average(), 0.95, 1.05));
    }

    [SharedDataTheory(ByHourFile)]
    [InlineData("burstgpt-chatgpt-conversation", "ChatGPT conv")]
    [InlineData("burstgpt-gpt4-conversation", "GPT-4 conv")]
    public void Conversations_by_hour_of_workdays_are_within_5_percent(string model, string service)
    {
        int[][] runs = [.. Enumerable.Range(1, 40).Select(seed => CountByHour(model, seed, Days))];
        (int Hour, double Median)[] real =
        [
            .. Rows(ByHourFile).Where(r => r["service"] == service && r["median"] != "")
                .Select(r => ((int)Number(r["hour"]), Number(r["median"]))),
        ];
        Assert.True(real.Length >= 19);
        Assert.All(real, hour =>
        {
            // 61 days are few: the mean over runs of their median
            double made = runs.Average(run => Quantile(
                Enumerable.Range(0, Days).Where(d => !IsWeekend(d)).Select(d => (double)run[(d * Hours) + hour.Hour]),
                0.5));
            Assert.InRange(made / hour.Median, 0.95, 1.05);
        });
    }

    [SharedDataFact(TotalsFile)]
    public void The_api_lies_within_the_models_90_percent_intervals_by_day_and_by_hour()
    {
        int[][] runs = [.. Enumerable.Range(1, 12).Select(seed => CountByHour("burstgpt-api", seed, Days))];
        double[] days = [.. runs.SelectMany(r => ByDay(r).Skip(QuietDays)).Select(d => (double)d)];
        AssertCovered(0.85, RealApiDays().Select(real => (real, days)));

        // By hour what is left of all services' means, and the quartiles of the figure
        AssertCovered(0.9, Rows(MeanFile).Select(r => (
            Number(r["mean_requests_per_hour"]) - ConversationMean((int)Number(r["hour"])),
            runs.Select(run => OfHour(run, (int)Number(r["hour"]), 0).Average()).ToArray())));
        AssertCovered(0.85, Rows(ByHourFile).Where(r => r["service"] == "ChatGPT API")
            .SelectMany(r => new[] { r["q1"], r["median"], r["q3"] }.Where(q => q != "").Select(q => (
                Number(q), runs.SelectMany(run => OfHour(run, (int)Number(r["hour"]), QuietDays)).ToArray()))));
    }

    [Fact]
    public void The_quiet_days_and_the_regimes_of_213_days_are_there()
    {
        int[] days = ByDay(CountByHour("burstgpt-213d", 1, 213));
        Assert.InRange(days.Take(QuietDays).Average(), 1500, 4500);
        double[] means =
        [
            days[9..61].Average(), days[61..121].Average(), days[121..].Average(),
        ];

        // A file's mean is of days that differ by orders of magnitude
        Assert.InRange(means[0], 15_000, 45_000);
        Assert.InRange(means[1], 40_000, 100_000);
        Assert.InRange(means[2], 35_000, 85_000);
        Assert.InRange(days.Sum(d => (long)d), 6_000_000, 15_000_000);
    }

    private static void AssertCovered(double share, IEnumerable<(double Real, double[] Made)> figures)
    {
        bool[] isInside =
        [
            .. figures.Select(f => f.Real >= Quantile(f.Made, 0.05) && f.Real <= Quantile(f.Made, 0.95)),
        ];
        Assert.True(
            isInside.Count(i => i) >= share * isInside.Length,
            $"{isInside.Count(i => i)} of {isInside.Length} lie within the interval");
    }

    private static IEnumerable<double> RealApiDays()
    {
        Dictionary<int, double> talk = Rows(ByDayFile).ToDictionary(
            r => (int)Number(r["day"]), r => Number(r["chatgpt_conv"]) + Number(r["gpt4_conv"]));
        return Rows(TotalsFile).Select(r => (Day: (int)Number(r["day"]), Requests: Number(r["requests"])))
            .Where(r => r.Day >= QuietDays)
            .Select(r => r.Requests - (talk.TryGetValue(r.Day, out double t) ? t : IsWeekend(r.Day) ? 1564 : 3065));
    }

    /// <summary>Mean conversation requests of an hour: the medians are of workdays, weekends have half.</summary>
    private static double ConversationMean(int hour) => Rows(ByHourFile)
        .Where(r => r["service"].EndsWith("conv", StringComparison.Ordinal) && r["median"] != ""
            && (int)Number(r["hour"]) == hour)
        .Sum(r => Number(r["median"])) * (5 + (2 * 0.51)) / 7;

    private static IEnumerable<double> OfHour(int[] run, int hour, int fromDay) =>
        Enumerable.Range(fromDay, Days - fromDay).Select(d => (double)run[(d * Hours) + hour]);

    private static bool IsWeekend(int day) => (day + 2) % 7 >= 5;

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
