using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>Options of <see cref="LengthDistributions"/>.</summary>
/// <param name="Of">Requests or responses.</param>
/// <param name="To">Where the axes of tokens end.</param>
/// <param name="DemoTheta">θ of the paper's own demonstrations, drawn beside the fits.</param>
/// <param name="Tables">The sets of rows whose fits are told as numbers, those that are missing left out.</param>
/// <param name="BinsTold">So many of the first bins of 25 tokens are told as numbers.</param>
public sealed record LengthDistributionsOptions(
    LengthsOf Of, double To, double DemoTheta, IReadOnlyList<string> Tables, int BinsTold = 0);

/// <summary>Which lengths.</summary>
public enum LengthsOf
{
    /// <summary>Request tokens.</summary>
    Requests,

    /// <summary>Response tokens.</summary>
    Responses,
}

/// <summary>Lengths of conversations' requests or responses, and how well Zipf and lognormal describe them.</summary>
internal sealed class LengthDistributions(LengthDistributionsOptions options) : IReproduction
{
    private const double BinTokens = LengthFit.BinTokens;

    private string Word => options.Of == LengthsOf.Requests ? "request" : "response";

    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        (string Name, LengthFit Fit, int Longest)[] services = [.. Fits(context.FirstData)];
        List<OurNumber> ours = [];
        List<string[]> rows = [];
        foreach (string data in options.Tables)
        {
            foreach ((string service, LengthFit fit, _) in
                context.Find(data) is { } found ? Fits(found) : [])
            {
                ours.AddRange(Numbers($"{data}, {service}", fit));
                rows.Add(Row(data, service, fit));
            }
        }

        return new ReproducedFigure(
            [
                new Picture(
                    context.Figure.Id, $"Lengths of conversations' {Word}s",
                    [
                        .. services.Select(s => Histogram(s.Name, s.Fit, s.Longest)),
                        .. services.Select(s => RankFrequency(s.Name, s.Fit)),
                    ],
                    Math.Max(1, services.Length)),
            ],
            [
                new PackTable(
                    $"{Word}-fits", $"Distributions fitted to {Word} tokens",
                    [
                        "data", "service", "rows", "Zipf θ", "Zipf KS", "rank slope", "lognormal µ", "lognormal σ",
                        "lognormal KS", "bimodality", "highest (tokens)", "dip (tokens)", "second hump (tokens)",
                        "hump score",
                    ],
                    rows),
            ],
            ours);
    }

    private IEnumerable<(string Name, LengthFit Fit, int Longest)> Fits(DataSet data)
    {
        foreach ((string name, ServiceDescription s) in Services.ConversationsIn(data))
        {
            (LengthFit? fit, LengthSummary? summary) = options.Of == LengthsOf.Requests
                ? (s.PromptFit, s.Composition.Prompts) : (s.OutputFit, s.Composition.Outputs);
            if (fit is not null)
            {
                yield return (name, fit, summary!.Max);
            }
        }
    }

    private Panel Histogram(string name, LengthFit fit, int longest)
    {
        PlotPoint[] data =
        [
            .. fit.Histogram.Select((count, i) => new PlotPoint(i * BinTokens, 100.0 * count / fit.Count)),
        ];
        return new Panel(
            $"{name}: share of {Word}s",
            new PlotAxis($"{Word} tokens", 0, options.To),
            new PlotAxis($"% in {BinTokens:0} tokens", 0, 1.3 * data.Max(p => p.Y)),
            [
                new PlotSeries("data", SeriesKind.Steps, data, 0),
                new PlotSeries(
                    $"lognormal, KS {fit.LognormalKs:0.000}", SeriesKind.Line,
                    Bins(tokens => fit.LognormalShare(tokens)), 1),
                new PlotSeries(
                    $"Zipf θ = {fit.ZipfTheta:0.00}, KS {fit.ZipfKs:0.000}", SeriesKind.Line,
                    Bins(Zipf(fit.ZipfTheta, longest)), 2),
                new PlotSeries(
                    $"Zipf θ = {options.DemoTheta:0.0} (the paper's generator)", SeriesKind.DashedLine,
                    Bins(Zipf(options.DemoTheta, longest)), 3),
            ]);
    }

    /// <summary>The share in each bin, at its middle, of a distribution function.</summary>
    private PlotPoint[] Bins(Func<double, double> shareUpTo) =>
    [
        .. Enumerable.Range(0, (int)(options.To / BinTokens)).Select(i => new PlotPoint(
            (i + 0.5) * BinTokens, 100 * (shareUpTo(((i + 1) * BinTokens) - 1) - shareUpTo((i * BinTokens) - 1)))),
    ];

    private static Func<double, double> Zipf(double theta, int longest)
    {
        double[] sums = new double[longest + 1];
        for (int n = 1; n <= longest; n++)
        {
            sums[n] = sums[n - 1] + Math.Pow(n, -theta);
        }

        return tokens => sums[(int)Math.Clamp(tokens, 0, longest)] / sums[^1];
    }

    private Panel RankFrequency(string name, LengthFit fit)
    {
        PlotPoint[] points = [.. fit.Frequencies.Select((count, i) => new PlotPoint(i + 1, count))];
        List<PlotSeries> series = [new PlotSeries("data", SeriesKind.Line, points, 0)];
        if (fit.RankSlope is { } slope)
        {
            // The line of least squares goes through the means of the logarithms
            double log = points.Average(p => Math.Log(p.Y)) - (slope * points.Average(p => Math.Log(p.X)));
            series.Add(new PlotSeries(
                $"slope {slope:0.00}", SeriesKind.DashedLine,
                [.. new[] { 1.0, points.Length }.Select(x => new PlotPoint(x, Math.Exp(log + (slope * Math.Log(x)))))],
                1));
        }

        return new Panel(
            $"{name}: frequency by rank",
            new PlotAxis("rank of a length", 1, Math.Max(2, points.Length), IsLog: true),
            new PlotAxis($"{Word}s of that length", 0.8, 2.0 * points[0].Y, IsLog: true), series);
    }

    private IEnumerable<OurNumber> Numbers(string of, LengthFit fit)
    {
        yield return new OurNumber($"{of}: Zipf θ", fit.ZipfTheta);
        yield return new OurNumber($"{of}: slope of frequency over rank", fit.RankSlope);
        if (options.Of == LengthsOf.Responses)
        {
            bool hasNone = fit.Humps is null;
            yield return new OurNumber(
                $"{of}: second hump", (fit.Humps?.Second + 0.5) * BinTokens, IsAbsent: hasNone);
            yield return new OurNumber($"{of}: score of the second hump", fit.Humps?.Score, IsAbsent: hasNone);
        }

        for (int i = 0; i < Math.Min(options.BinsTold, fit.Histogram.Count); i++)
        {
            yield return new OurNumber(
                $"{of}: {i * BinTokens:0} to {((i + 1) * BinTokens) - 1:0} tokens", fit.Histogram[i]);
        }
    }

    private static string[] Row(string data, string service, LengthFit fit) =>
    [
        data, service, TableText.Whole(fit.Count), TableText.Fixed(fit.ZipfTheta, 3), TableText.Fixed(fit.ZipfKs, 3),
        TableText.Fixed(fit.RankSlope, 3), TableText.Fixed(fit.LogMean, 3), TableText.Fixed(fit.LogSigma, 3),
        TableText.Fixed(fit.LognormalKs, 3), TableText.Fixed(fit.Bimodality, 3), Bin(fit.Humps?.Highest),
        Bin(fit.Humps?.Dip), Bin(fit.Humps?.Second), TableText.Fixed(fit.Humps?.Score, 1),
    ];

    private static string Bin(int? bin) => TableText.Fixed((bin + 0.5) * BinTokens, 0);
}
