using ServingSim.Experiments.Describing;
using Xunit;

namespace ServingSim.Tests.Experiments.Describing;

/// <summary>
/// The first week of BurstGPT, described: the numbers that were measured on its rows elsewhere. Counts are the same,
/// means and percentiles to the digit that was printed, medians of α within 0.05.
/// </summary>
public sealed class BurstGptNumbersTests
{
    private const string FirstWeek = "burstgpt/BurstGPT_first7days.csv";
    private const string Third = "burstgpt/BurstGPT_3_first400rows_shortsid.csv";
    private const string ChatGpt = "ChatGPT, Conversation log";
    private const string Gpt4 = "GPT-4, Conversation log";
    private const string Conversation = "Conversation log";

    private static readonly Lazy<TraceDescription> Week = new(() => Describe(FirstWeek));

    [SharedDataTheory(FirstWeek)]
    [InlineData(ChatGpt, 12_566, 886, 7.05)]
    [InlineData(Gpt4, 6_554, 650, 9.92)]
    [InlineData("API log", 311, 2, 0.6)]
    public void Composition_and_failures_are_those_counted(string service, int rows, int failed, double percent)
    {
        Composition c = Of(service).Composition;

        Assert.Equal((rows, failed), (c.Rows, c.Failed));
        Assert.Equal(percent, 100 * c.FailedShare, service == "API log" ? 1 : 2);
    }

    [SharedDataTheory(FirstWeek)]
    [InlineData(ChatGpt, true, 652.7, 480.5, 1100, 1603, 1791, 1986, 2049)]
    [InlineData(ChatGpt, false, 275.1, 243, 402, 558, 672, 992, 2048)]
    [InlineData(Gpt4, true, 752.6, 547, 1169, 1782, 2141, 2819, 5087)]
    [InlineData(Gpt4, false, 254.2, 235, 369, 495, 577, 767, 1569)]
    public void Lengths_are_those_measured(
        string service, bool isRequest, double mean, double p50, double p75, double p90, double p95, double p99,
        int max)
    {
        Composition c = Of(service).Composition;
        LengthSummary l = (isRequest ? c.Prompts : c.Outputs)!;

        Assert.Equal(service == ChatGpt ? 11_680 : 5_904, l.Count);
        Assert.Equal(mean, l.Mean, 1);
        Assert.Equal(p50, l.P50, 1);
        Assert.Equal([p75, p90, p95, p99], new[] { l.P75, l.P90, l.P95, l.P99 }.Select(Rounded));
        Assert.Equal(max, l.Max);
        Assert.Equal(service == ChatGpt ? 0.299 : 0.382, c.Correlation!.Value, 3);
    }

    [SharedDataFact(FirstWeek)]
    public void The_few_api_rows_are_those_measured()
    {
        Assert.Equal(309, Of("API log").Composition.Prompts!.Count);
        Composition c = Of("ChatGPT, API log").Composition;
        Assert.Equal((465, 49), (Rounded(c.Prompts!.Mean), Rounded(c.Outputs!.Mean)));
    }

    [SharedDataFact(FirstWeek)]
    public void Failures_lie_as_measured()
    {
        double?[] days = [.. Week.Value.Services[0].Failures.ByDay.Select(d => d.Share)];
        Assert.Equal([8.3, 5.5, 10.6, 13.8, 6.2, 7.9, 6.0], days.Select(d => Math.Round(100 * d!.Value, 1)));
        Failures all = Of(Conversation).Failures;
        Assert.Equal((0.080, 0.204), (Math.Round(all.Share, 3), Math.Round(all.ShareAfterFailure!.Value, 3)));

        Failures chat = Of(ChatGpt).Failures;
        Assert.Equal(0.02, chat.Correlation!.Value, 0.006);
        Assert.Equal(0.21, Hundredths(chat.RankCorrelation));
        Assert.Equal([6.3, 7.9, 7.4, 6.5], chat.ByLoad.Select(s => Math.Round(100 * s!.Value, 1)));
        Failures gpt4 = Of(Gpt4).Failures;
        Assert.Equal((0.05, 0.26), (Hundredths(gpt4.Correlation), Hundredths(gpt4.RankCorrelation)));
        double[] published = [8.1, 9.3, 12.0, 9.2];
        Assert.All(published.Zip(gpt4.ByLoad), s => Assert.Equal(s.First, 100 * s.Second!.Value, 0.06));
        Assert.Equal((47, 62), (Rounded(100 * chat.WorstHour!.Value), Rounded(100 * gpt4.WorstHour!.Value)));
    }

    [SharedDataFact(FirstWeek)]
    public void Ties_and_peaks_are_those_counted()
    {
        Composition c = Of(Conversation).Composition;
        Assert.Equal((479, 19, 353, 154), (c.Ties, c.BusiestMinute, c.BusiestHour, c.BusiestWindow));
        Composition all = Week.Value.Services[0].Composition;
        Assert.Equal((496, 50, 477, 234), (all.Ties, all.BusiestMinute, all.BusiestHour, all.BusiestWindow));
    }

    [SharedDataTheory(FirstWeek)]
    [InlineData(ChatGpt, 229, 0.76, 1.02, 1.35, 0.0165, 0.035, 0.070)]
    [InlineData(Gpt4, 163, 0.78, 1.07, 1.51, 0.013, 0.0235, 0.039)]
    [InlineData(Conversation, 250, 0.82, 1.03, 1.36, 0.022, 0.047, 0.096)]
    public void Gamma_parameters_are_those_fitted(
        string service, int windows, double a10, double a50, double a90, double b10, double b50, double b90)
    {
        GammaSummary g = Of(service).Burstiness.Workdays;

        Assert.Equal(windows, g.Windows);
        Assert.Equal(a50, g.Alpha!.Value.P50, 0.05);
        Assert.Equal(a10, g.Alpha.Value.P10, 0.05);
        Assert.Equal(a90, g.Alpha.Value.P90, 0.05);
        Assert.All(
            new[] { (b10, g.Beta!.Value.P10), (b50, g.Beta.Value.P50), (b90, g.Beta.Value.P90) },
            b => Assert.InRange(b.Item2, 0.95 * b.Item1, 1.05 * b.Item1));
    }

    [SharedDataFact(FirstWeek)]
    public void The_rate_follows_the_hours_as_fitted()
    {
        (int Hour, double Beta)[] published =
        [
            (9, .043), (10, .069), (11, .089), (12, .033), (13, .040), (14, .065), (15, .088), (16, .097), (17, .066),
            (18, .040), (19, .042), (20, .050), (21, .048), (22, .044), (23, .040), (0, .030), (1, .019),
        ];
        IReadOnlyList<GammaSummary> hours = Of(Conversation).Burstiness.WorkdayHours;

        // Each is a median of about 15 windows, drawn anew where instants within seconds are
        Assert.All(
            published, p => Assert.InRange(hours[p.Hour].Beta!.Value.P50, p.Beta * 0.8, p.Beta * 1.2));
        double error = published.Average(p => Math.Abs((hours[p.Hour].Beta!.Value.P50 / p.Beta) - 1));
        Assert.InRange(error, 0, 0.06);
    }

    [SharedDataFact(FirstWeek)]
    public void Conversations_are_nearly_Poisson_on_short_scales_and_not_on_long_ones()
    {
        // Published for "peak hours", which are not told: ours is around each hour's own mean
        Dictionary<double, double?> within = Of(Conversation)
            .Dispersion.ToDictionary(d => d.ScaleS, d => d.WithinHours);
        Assert.Equal(0.98, within[1]!.Value, 0.03);
        Assert.Equal(0.97, within[10]!.Value, 0.05);
        Assert.Equal(1.22, within[60]!.Value, 0.12);
        Assert.InRange(within[600]!.Value, 2, 4);
        Assert.InRange(within[1200]!.Value, 3, 5);
    }

    [SharedDataTheory(FirstWeek)]
    [InlineData(ChatGpt, 0.50, 0.69, -0.71, -1.00)]
    [InlineData(Gpt4, 0.68, 0.63, -0.69, -0.78)]
    public void Zipf_fits_are_those_made(
        string service, double request, double response, double requestSlope, double responseSlope)
    {
        ServiceDescription s = Of(service);
        Assert.Equal((request, response), (Hundredths(s.PromptFit!.ZipfTheta), Hundredths(s.OutputFit!.ZipfTheta)));
        Assert.Equal(
            (requestSlope, responseSlope), (Hundredths(s.PromptFit.RankSlope), Hundredths(s.OutputFit.RankSlope)));
    }

    [SharedDataFact(FirstWeek)]
    public void Responses_depend_on_requests_as_measured()
    {
        string published = "25 248/9/241/571; 50 274/11/232/705; 100 221/10/103/720; 200 184/7/113/618; "
            + "400 192/12/158/497; 600 233/14/187/574; 800 261/20/224/637; 1000 286/31/261/647; 1200 323/34/286/774; "
            + "1400 361/55/330/710; 1600 377/64/357/724; 1800 409/94/385/728; 2050 450/112/444/832";
        LengthRelation chat = Of(ChatGpt).Relation;
        Assert.Equal(published, string.Join("; ", chat.Bins.Select(
            b => $"{b.UpTo} {b.Mean:0}/{Math.Round(b.P5)}/{Math.Round(b.P50)}/{Math.Round(b.P95)}")));
        Assert.Equal((0.150, 156), (Math.Round(chat.Line!.Value.Slope, 3), Rounded(chat.Line.Value.Intercept)));
        LengthRelation gpt4 = Of(Gpt4).Relation;
        Assert.Equal((0.126, 137), (Math.Round(gpt4.Line!.Value.Slope, 3), Rounded(gpt4.Line.Value.Intercept)));
    }

    [SharedDataFact(FirstWeek)]
    public void Response_histograms_have_the_counts_and_the_second_hump()
    {
        LengthFit chat = Of(ChatGpt).OutputFit!;
        Assert.Equal(
            [1131, 855, 655, 537, 518, 442, 428, 461, 450, 480, 473, 476, 500, 473, 452, 392, 376, 333],
            chat.Histogram.Take(18));
        LengthFit gpt4 = Of(Gpt4).OutputFit!;
        Assert.Equal(
            [476, 392, 340, 284, 222, 276, 267, 277, 304, 262, 263, 309, 279, 285, 248, 236], gpt4.Histogram.Take(16));
        Assert.Equal((0, 6, 12), (chat.Humps!.Highest, chat.Humps.Dip, chat.Humps.Second));
    }

    [SharedDataFact(Third)]
    public void Sessions_are_those_counted()
    {
        TraceDescription slice = Describe(Third);
        Conversations c = slice.Services[0].Conversations!;

        // Counted apart: 59 sessions of one turn, 29 of two, ... and 39 of 259 later requests that are shorter
        Assert.Equal((135, 394, 24), (c.Sessions, c.Rows, c.Turns.Max));
        Assert.Equal([(1, 59), (2, 29), (3, 14), (4, 12)], c.AllTurns.Take(4));
        Assert.Equal(39.0 / 259, c.ShrinkingShare!.Value, 6);
    }

    private static ServiceDescription Of(string name) => Week.Value.Services.Single(s => s.Name == name);

    private static TraceDescription Describe(string file) =>
        TraceDescription.Read(SharedData.Find(file)!, null, 512, CancellationToken.None);

    private static double Rounded(double value) => Math.Round(value, MidpointRounding.AwayFromZero);

    private static double Hundredths(double? value) => Math.Round(value!.Value, 2);
}
