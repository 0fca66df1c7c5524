using System.Globalization;
using ServingSim.Experiments;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Reproducing;
using Xunit;

namespace ServingSim.Tests.Experiments.Reproducing;

/// <summary>BurstGPT's pack: its files and classes belong together, and it finds what the real rows have.</summary>
public sealed class BurstGptPackTests
{
    private const string FirstWeek = "burstgpt/BurstGPT_first7days.csv";
    private const string Days = "burstgpt/BurstGPT_1_daily_by_service_digitised_fig1.csv";
    private const string Boxes = "burstgpt/BurstGPT_1_hourly_boxplot_digitised_fig2.csv";
    private const string HourMeans = "burstgpt/BurstGPT_1_hour_of_day_mean.csv";

    /// <summary>The figures and tables; demonstrations simulate and have tests of their own.</summary>
    private static readonly string[] Figures =
    [
        "readme-fig1", "readme-fig2", "readme-fig3", "readme-fig4", "kdd-fig9", "request-lengths", "response-lengths",
        "gamma-by-slot", "hour-of-day", "composition", "failures", "lengths", "arrivals",
    ];

    private static readonly Pack BurstGpt = Pack.Read("burstgpt", Catalog.Default);

    private static readonly Lazy<IReadOnlyList<Comparison>> Generated = new(() => Run());

    [Fact]
    public void Every_class_is_used_by_a_file_and_every_file_has_a_class() => Assert.Equal(
        Catalog.Default.Reproductions.Parts.Select(p => p.Name).Order(StringComparer.Ordinal),
        BurstGpt.Figures.Select(f => f.File.Reproduction.Name).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Every_figure_is_in_the_order_of_the_page()
    {
        Assert.Equal(BurstGpt.File.Order, BurstGpt.Figures.Select(f => f.Id));
        Assert.Empty(Figures.Except(BurstGpt.File.Order));
    }

    [Fact]
    public void Every_published_number_tells_where_it_is_from_and_when_ours_would_do() => Assert.All(
        BurstGpt.Figures.SelectMany(f => f.File.Published).Where(p => p.Value is not null),
        p => Assert.True(p.Relative is >= 0 and < 1 && p.Absolute >= 0 && p.Generated is null or > 0, p.Number));

    [Fact]
    public void Every_figure_is_made_of_generated_rows_and_knows_every_published_number()
    {
        Assert.Equal(Figures, Generated.Value.Select(f => f.Figure.Id));
        Assert.All(Generated.Value, figure =>
        {
            Assert.True(figure.Made!.Pictures.Count + figure.Made.Tables.Count > 0, figure.Figure.Id);
            Assert.All(figure.Data, d => Assert.True(d.IsGenerated && d.IsWhole, d.Name));
            Assert.DoesNotContain(figure.Compared, c => c.Outcome == ComparedOutcome.NoData && c.Ours is not null);

            // A night hour without a window, a hump that is not there: all others must be told
            Assert.True(
                figure.Compared.Count(c => c.Ours is null) <= 2,
                $"{figure.Figure.Id}: {string.Join("; ", figure.Compared.Where(c => c.Ours is null)
                    .Select(c => c.Published.Number))}");
        });
    }

    [Theory]
    [InlineData("kdd-fig9")]
    [InlineData("request-lengths")]
    public void The_models_find_again_what_they_were_fitted_on(string id)
    {
        Comparison figure = Generated.Value.Single(f => f.Figure.Id == id);
        Assert.Equal(VerdictKind.Reproduced, figure.Verdict.Kind);
        Assert.Contains("was fitted on", figure.Verdict.Reason);
    }

    [Fact]
    public void The_picture_of_weeks_has_the_originals_weeks_and_colours()
    {
        Comparison figure = Generated.Value.Single(f => f.Figure.Id == "readme-fig1");
        Panel[] panels = [.. Assert.Single(figure.Made!.Pictures).Panels];
        Assert.Equal([2800, 2800, 28150, 28150], panels.Select(p => p.HeatMap!.To));
        Assert.All(panels, p => Assert.Equal(["45", "46", "47", "48", "49", "50", "51"], p.Y.Names));
        Assert.All(panels, p => Assert.All(p.HeatMap!.Cells, row => Assert.Equal(7, row.Count(c => c >= 0))));

        // Day 5 of the files is the Monday of week 45
        HourlyLoad load = figure.Data[0].Service("ChatGPT", "Conversation log")!.Load;
        Assert.Equal(0, load.WeekdayOf(5));
        Assert.Equal(load.Days().Single(d => d.Day == 5).Load.Requests, panels[0].HeatMap!.Cells[0][0]);
        Assert.Equal(load.Days().Single(d => d.Day == 53).Load.Requests, panels[0].HeatMap!.Cells[6][6]);
    }

    [SharedDataFact(FirstWeek)]
    public void The_real_week_has_the_numbers_that_were_counted_on_it()
    {
        IReadOnlyList<Comparison> real = Run(SharedData.Find(FirstWeek)!);
        Assert.Empty(real.SelectMany(f => f.Compared).Where(c => c.Outcome == ComparedOutcome.Outside)
            .Select(c => $"{c.Published.Number}: {c.Ours?.Value}"));
        Assert.True(real.Sum(f => f.Compared.Count(c => c.Outcome == ComparedOutcome.Within)) > 150);
        Assert.Equal(
            [
                "readme-fig4", "request-lengths", "response-lengths", "gamma-by-slot", "failures", "lengths",
            ],
            real.Where(f => f.Verdict.Kind == VerdictKind.Reproduced).Select(f => f.Figure.Id));
        Assert.All(real.Where(f => f.Verdict.Kind != VerdictKind.Reproduced), f =>
        {
            Assert.Equal(VerdictKind.DataMissing, f.Verdict.Kind);
            Assert.Contains(
                f.Figure.Id switch
                {
                    "kdd-fig9" => "No row is given of conversations of BurstGPT_3",
                    "composition" or "arrivals" => "more need rows that are not there. That is fewer than half.",
                    _ => "BurstGPT_first7days.csv has 7 of the 61 days",
                },
                f.Verdict.Reason);
        });
        Assert.DoesNotContain(real.SelectMany(f => f.Data), d => d.IsGenerated);
    }

    [Theory]
    [InlineData("readme-fig4", "GPT-4")]
    [InlineData("response-lengths", "GPT-4")]
    [InlineData("failures", "none")]
    [InlineData("failures-by-load", "none")]
    public void A_number_of_rows_that_a_file_does_not_have_is_no_data_and_not_outside(string id, string told)
    {
        string path = Path.GetTempFileName();
        try
        {
            // A week of GPT-4's conversations, none of which failed
            File.WriteAllLines(
                path,
                Enumerable.Range(0, 7 * 96)
                    .Select(i => $"{900 * i},GPT-4,{100 + i},{40 + (i % 300)},Conversation log")
                    .Prepend("Timestamp,Model,Request tokens,Response tokens,Log Type"));
            using PackData data = new(BurstGpt, [path], 1, Catalog.Default, CancellationToken.None);
            Comparison figure = Assert.Single(Reproducer.Run(
                BurstGpt, BurstGpt.Choose([id]), data, 1, new ParallelRuns(1, CancellationToken.None),
                Catalog.Default).Figures);

            Assert.All(
                figure.Compared.Where(c => c.Published.Value is not null && !c.Published.Number.Contains(told)),
                c => Assert.Equal((ComparedOutcome.NoData, null), (c.Outcome, c.Ours?.Value)));
            Assert.Equal(
                told != "none", figure.Compared.Any(c => c.Outcome == ComparedOutcome.Outside && c.Ours is not null));
            Assert.Equal(told == "none", figure.Verdict.Kind == VerdictKind.DataMissing);
            Assert.Equal(
                told == "none", figure.Made!.Notes?.Any(n => n.Contains("has failed: a file without")) ?? false);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [SharedDataFact(Days)]
    public void Published_means_of_days_are_those_of_the_digitised_picture()
    {
        (int Day, double[] Of)[] days =
            [.. Rows(Days).Select(r => (int.Parse(r["day"], CultureInfo.InvariantCulture), new[]
            {
                Number(r["chatgpt_conv"])!.Value, Number(r["gpt4_conv"])!.Value,
                Number(r["chatgpt_api_from_total"])!.Value, Number(r["gpt4_api"])!.Value,
            }))];
        string[] services = ["ChatGPT conversation", "GPT-4 conversation", "ChatGPT API", "GPT-4 API"];
        foreach ((int i, string service) in services.Index())
        {
            Near($"{service}: mean of Monday to Friday", d => (d - 5) % 7 < 5);
            Near($"{service}: mean of Saturday and Sunday", d => (d - 5) % 7 >= 5);

            void Near(string number, Func<int, bool> isIn) => Assert.InRange(
                Published("readme-fig1", number) / days.Where(d => isIn(d.Day)).Average(d => d.Of[i]), 0.995, 1.005);
        }
    }

    [SharedDataFact(Boxes)]
    public void Published_medians_of_hours_are_those_of_the_digitised_picture()
    {
        int checkedNumbers = 0;
        foreach (Dictionary<string, string> row in Rows(Boxes))
        {
            string number = $"{row["service"].Replace("conv", "conversation")}: median at {row["hour"]} h";
            if (BurstGpt.Figures.Single(f => f.Id == "readme-fig2").File.Published.Any(p => p.Number == number))
            {
                Assert.Equal(Number(row["median"])!.Value, Published("readme-fig2", number), 0.51);
                checkedNumbers++;
            }
        }

        Assert.Equal(34, checkedNumbers);
    }

    [SharedDataFact(HourMeans)]
    public void Published_means_of_hours_are_those_of_the_real_rows() => Assert.All(
        Rows(HourMeans),
        row => Assert.Equal(
            Number(row["mean_requests_per_hour"])!.Value, Published("hour-of-day", $"mean at {row["hour"]} h"), 0.51));

    private static List<Comparison> Run(params string[] traces)
    {
        using PackData data = new(BurstGpt, traces, 1, Catalog.Default, CancellationToken.None);
        return
        [
            .. Reproducer.Run(
                BurstGpt, BurstGpt.Choose(Figures), data, 1, new ParallelRuns(1, CancellationToken.None),
                Catalog.Default).Figures,
        ];
    }

    private static double Published(string figure, string number) =>
        BurstGpt.Figures.Single(f => f.Id == figure).File.Published.Single(p => p.Number == number).Value!.Value;

    private static double? Number(string text) =>
        text.Length == 0 ? null : double.Parse(text, CultureInfo.InvariantCulture);

    private static IEnumerable<Dictionary<string, string>> Rows(string file)
    {
        string[][] lines = [.. File.ReadAllLines(SharedData.Find(file)!).Select(l => l.Split(','))];
        return lines.Skip(1).Select(l => lines[0].Zip(l).ToDictionary(p => p.First, p => p.Second));
    }
}
