using System.Globalization;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Forecasting;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Reproducing.BurstGpt;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>The paper's demonstration of load forecasts, and what provisioning by them saves.</summary>
internal sealed class ForecastReproduction(ForecastOptions options) : IReproduction
{
    private const double TenMinutesS = 600;
    private const double MinuteS = 60;
    private const int FewestDays = 6;

    private static readonly (string Name, double BinS)[] Bins = [("10 min", TenMinutesS), ("1 min", MinuteS)];

    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        DataSet data = context.FirstData;
        ServiceRows rows = data.Columns.Select("conversation", s => s.LogType == Services.Conversation);
        if (data.DaysGiven < FewestDays || rows.Count == 0)
        {
            return new ReproducedFigure(
                [], [], [], new Verdict(
                    VerdictKind.DataMissing, $"{FewestDays} days of conversations are the fewest to learn from."));
        }

        (string Name, double BinS, ForecastTarget Target)[] cases =
        [
            .. from bin in Bins
               from target in new[] { ForecastTarget.Requests, ForecastTarget.MeanTokens }
               select (bin.Name, bin.BinS, target),
        ];
        LoadSeries[] series =
        [
            .. cases.Select(c => LoadSeries.Of(rows, c.BinS, data.FirstDay, data.DaysGiven, data.Columns.FirstDay)),
        ];
        CheckLearnedShare(context, series, data.DaysGiven);
        if (!series.All(HasTokens))
        {
            return new ReproducedFigure(
                [], [], [], new Verdict(
                    VerdictKind.DataMissing,
                    "Conversations that succeeded are needed in the days to learn from and in those to forecast."));
        }

        LoadForecast[] forecasts =
            [.. cases.Select((c, i) => LoadForecast.Of(series[i], c.Target, FirstTested(series[i])))];
        if (ProvisioningDemo.Workdays(series[0], FirstTested(series[0]), options.Days).Count == 0)
        {
            return new ReproducedFigure(
                [], [Errors(cases, forecasts)], [.. Ours(cases, forecasts)], new Verdict(
                    VerdictKind.DataMissing, "No whole workday is left to provision for after those learned from."));
        }

        ProvisioningDemo demo = ProvisioningDemo.Run(
            rows, forecasts[0], series[0],
            context.Read(options.Scenario, []), options, context.Runs);
        return new ReproducedFigure(
            [FirstDay(forecasts, series, demo.Days[0]), Cost(demo.Figures)],
            [Errors(cases, forecasts), Provisioning(demo.Figures), Saved(demo)],
            [.. Ours(cases, forecasts), .. SavedNumbers(demo)],
            Notes:
            [
                "Boosted trees are those of Microsoft.ML (FastTree) on the last three values, mean, deviation and most "
                + "of the last 10, 30 and 60 minutes, the hour and the day of the week; forecasts are one bin ahead, "
                + $"and the first {Cells.Number(100 * options.LearnedShare, 0)} % of the bins were learned from. NMAE "
                + "is the mean absolute error over the mean, NMSE the mean squared error over the variance; the "
                + "paper's definitions are not known, nor is how it split its days.",
                .. data.IsGenerated
                    ? new[]
                    {
                        "Generated rows have no rhythm in their lengths, so that nothing can forecast their mean "
                        + "tokens better than their mean does (NMSE 1).",
                    }
                    : [],
                $"Provisioning: the {demo.Days.Count} last workdays that nothing was learned from, each row for "
                + "several clients. A forecast is known when its bin begins; its replicas serve after a cold start. "
                + $"Every way has the cheapest setting with {Cells.Number(100 * options.Attainment, 0)} % of the "
                + "requests within the SLO. That setting, margin or number of replicas, is chosen on the same days "
                + "that are reported: what is saved is what hindsight saves, and a bound for a margin chosen before.",
            ]);
    }

    /// <summary>The first bin that nothing was learned from.</summary>
    private int FirstTested(LoadSeries series) => (int)(options.LearnedShare * series.Count);

    /// <summary>One day is the least to learn from, for forecasts look a day back; one the least to forecast.</summary>
    private void CheckLearnedShare(ReproductionContext context, LoadSeries[] series, int days)
    {
        if (series.Any(s => FirstTested(s) < s.BinsPerDay || FirstTested(s) > s.Count - s.BinsPerDay))
        {
            throw context.Wrong(
                "reproduction.learned_share",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"found {options.LearnedShare} of {days} days, expected at least a day to learn from and a day "
                    + $"to forecast: from {Math.Ceiling(1000.0 / days) / 1000} to "
                    + $"{Math.Floor(1000.0 * (days - 1) / days) / 1000}"));
        }
    }

    /// <summary>Whether mean tokens are known of a bin that is learned from, and of one that is forecast.</summary>
    private bool HasTokens(LoadSeries series) =>
        series.MeanTokens.Take(FirstTested(series)).Skip(LoadFeatures.FirstBin(series.BinS)).Any(t => t is not null)
        && series.MeanTokens.Skip(FirstTested(series)).Any(t => t is not null);

    private static IEnumerable<OurNumber> Ours(
        (string Name, double BinS, ForecastTarget Target)[] cases, LoadForecast[] forecasts) =>
        from made in cases.Zip(forecasts)
        from method in LoadForecast.Methods
        let errors = made.Second.ErrorsOf(method)
        from number in new[] { ("NMAE", errors.Nmae), ("NMSE", errors.Nmse) }
        select new OurNumber(
            $"{number.Item1}, {Name(made.First.Target)}, {made.First.Name}, {method}", number.Item2);

    private IEnumerable<OurNumber> SavedNumbers(ProvisioningDemo demo)
    {
        IReadOnlyList<string>? peak = demo.Cheapest(ProvisioningDemo.Static, options.Attainment);
        foreach (string way in LoadForecast.Methods.Append(ProvisioningDemo.Perfect))
        {
            if (peak is not null && demo.Cheapest(way, options.Attainment) is { } cheapest)
            {
                yield return Cells.Ours(
                    $"GPU hours a day saved against static peak, {way}",
                    demo.Figures.Difference("gpu_hours", peak, cheapest));
            }
        }
    }

    private static string Name(ForecastTarget target) => target == ForecastTarget.Requests ? "requests" : "mean tokens";

    private static PackTable Errors(
        (string Name, double BinS, ForecastTarget Target)[] cases, LoadForecast[] forecasts) => new(
        "demo-forecast-errors", "How far forecasts one bin ahead are off",
        ["bins", "of", "method", "bins forecast", "NMAE", "NMSE"],
        [
            .. cases.Zip(forecasts).SelectMany(c => LoadForecast.Methods.Select(method =>
            {
                ForecastErrors errors = c.Second.ErrorsOf(method);
                return (IReadOnlyList<string>)
                [
                    c.First.Name, Name(c.First.Target), method, errors.Count.ToString(CultureInfo.InvariantCulture),
                    Cells.Number(errors.Nmae, 3), Cells.Number(errors.Nmse, 3),
                ];
            })),
        ]);

    private static PackTable Provisioning(PairedFigures figures) => new(
        "demo-forecast-provisioning", "Every way and setting: mean over days ± half of the 95 % interval",
        ["way", "replicas or margin", "within SLO (%)", "GPU hours a day", "p99 TTFT (s)"],
        [
            .. figures.Cases.Select(of => (IReadOnlyList<string>)
            [
                .. of, Cells.Interval(figures.Of("attainment", of), 100), Cells.Interval(figures.Of("gpu_hours", of)),
                Cells.Interval(figures.Of("p99_ttft_s", of)),
            ]),
        ],
        IsShown: false);

    private PackTable Saved(ProvisioningDemo demo)
    {
        IReadOnlyList<string>? peak = demo.Cheapest(ProvisioningDemo.Static, options.Attainment);
        return new PackTable(
            "demo-forecast-saved", "The cheapest setting of each way that attains the goal",
            [
                "way", "replicas or margin", "within SLO (%)", "GPU hours a day",
                "saved against static peak (GPU hours)", "saved (%)",
            ],
            [
                .. demo.Figures.Cases.Select(c => c[0]).Distinct().Select(way =>
                {
                    if (demo.Cheapest(way, options.Attainment) is not { } of)
                    {
                        return (IReadOnlyList<string>)[way, "none attains it", "", "", "", ""];
                    }

                    Estimate? saved = peak is null ? null : demo.Figures.Difference("gpu_hours", peak, of);
                    double? whole = peak is null ? null : demo.Figures.Of("gpu_hours", peak)?.Mean;
                    return
                    [
                        .. of, Cells.Interval(demo.Figures.Of("attainment", of), 100),
                        Cells.Interval(demo.Figures.Of("gpu_hours", of)),
                        way == ProvisioningDemo.Static ? "" : Cells.Interval(saved),
                        way == ProvisioningDemo.Static || saved is null || whole is null ? ""
                            : Cells.Number(100 * saved.Value.Mean / whole.Value, 0),
                    ];
                }),
            ]);
    }

    private static Picture FirstDay(LoadForecast[] forecasts, LoadSeries[] series, int day) => new(
        "demo-forecast-day", "Conversations of a day that nothing was learned from, forecast one bin ahead",
        [
            .. forecasts.Zip(series).Where(f => f.First.Target == ForecastTarget.Requests).Select((f, panel) =>
            {
                int first = (day * f.Second.BinsPerDay) - f.Second.FirstBin;
                double perHour = f.Second.BinsPerDay / (double)HourlyLoad.HoursPerDay;
                PlotPoint[] Points(Func<int, double> of) =>
                [
                    .. Enumerable.Range(0, f.Second.BinsPerDay).Select(i => new PlotPoint(i / perHour, of(first + i))),
                ];
                double most = Enumerable.Range(first, f.Second.BinsPerDay).Max(b => f.Second.Requests[b]);
                return new Panel(
                    Bins[panel].Name, new PlotAxis("hour of the day", 0, HourlyLoad.HoursPerDay, TickEvery: 2),
                    new PlotAxis("requests", 0, 1.3 * most),
                    [
                        new PlotSeries("came", SeriesKind.Line, Points(b => f.Second.Requests[b]), 0),
                        new PlotSeries(
                            LoadForecast.Trees, SeriesKind.Line,
                            Points(b => f.First.Forecasts[LoadForecast.Trees][b - f.First.FirstTested]), 1),
                    ]);
            }),
        ]);

    private static Picture Cost(PairedFigures figures) => new(
        "demo-forecast-cost", "What a share of requests within the SLO costs (mean over days)",
        [
            new Panel(
                "", new PlotAxis("GPU hours a day", From: 0), new PlotAxis("within SLO (%)", 0, 102),
                [
                    .. figures.Cases.Select(c => c[0]).Distinct().Select((way, i) => new PlotSeries(
                        way, SeriesKind.Line,
                        [
                            .. figures.Cases.Where(c => c[0] == way).Select(c => new PlotPoint(
                                figures.Of("gpu_hours", c)!.Value.Mean, 100 * figures.Of("attainment", c)!.Value.Mean)),
                        ],
                        i)),
                ]),
        ]);
}
