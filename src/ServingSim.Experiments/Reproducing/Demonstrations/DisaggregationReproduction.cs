using System.Globalization;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Replicating;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>The paper's demonstration of disaggregation: fixed ratios and one searched for each hour.</summary>
internal sealed class DisaggregationReproduction(DisaggregationOptions options) : IReproduction
{
    private static readonly (string Figure, string Column, double Times)[] Columns =
    [
        ("attainment", "within SLO (%)", 100), ("request_goodput", "within SLO (requests/s)", 1),
        ("p50_ttft_ms", "p50 TTFT (s)", 1e-3), ("p99_ttft_ms", "p99 TTFT (s)", 1e-3),
        ("p50_tpot_ms", "p50 TPOT (ms)", 1), ("p99_tpot_ms", "p99 TPOT (ms)", 1),
    ];

    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        DataSet data = context.FirstData;
        ServiceRows rows = data.Columns.Select(TraceColumns.All, _ => true);
        if (ScaledDay.Typical(rows, data.FirstDay, data.DaysGiven, options.Days).Count < 2)
        {
            return ReproducedFigure.Without("Two days with answered rows are the fewest that give an interval.");
        }

        DisaggregationDemo demo = DisaggregationDemo.Run(
            rows, data.FirstDay, data.DaysGiven,
            settings => context.Read(options.Scenario, settings), options,
            context.Runs);
        PairedFigures figures = demo.Figures;
        return new ReproducedFigure(
            [ByRatio(figures), FirstDay(demo)], [Table(figures), Windows(demo)],
            [
                .. figures.Cases.Select(c => Cells.Ours($"{c[0]}: within SLO", figures.Of("attainment", c), 100)),
            ],
            Judge(demo),
            [
                $"Each of {demo.Days.Count} days of the trace passes {Cells.Number(options.Speed, 0)} times as fast, "
                + $"at about {Cells.Number(options.RatePerS, 0)} requests/s. The search's table has each window alone, "
                + "from an empty cluster, in each ratio, and the search knows the day that it chooses for; a replica "
                + $"that changes its role counts as lost for {Cells.Number(options.SwitchS, 0)} s. The day itself is "
                + "one simulation: what waits is carried over, and a replica changes its role when it has finished "
                + "what it had.",
                $"'{DisaggregationDemo.DayBefore}' is what the search chose for the day before in the list of days, of "
                + "the first for the last: what it is worth not to know the day.",
                .. new DisaggregationReasons(demo).Overload() is { } overload ? new[] { overload } : [],
                "The paper tells neither its model nor its GPU, rates or results; all of these are ours.",
            ]);
    }

    internal static Verdict Judge(DisaggregationDemo demo)
    {
        PairedFigures figures = demo.Figures;
        string[][] fixedRatios =
        [
            .. Enumerable.Range(1, DisaggregationDemo.Replicas - 1).Select(p => new[] { DisaggregationDemo.NameOf(p) }),
        ];
        string[] searched = [DisaggregationDemo.Searched];
        string[] best = fixedRatios.MaxBy(r => figures.Of("attainment", r)?.Mean ?? 0)!;
        Estimate? overBest = figures.Difference("attainment", searched, best);
        string beaten = Ways(e => e.Low > 0);
        string better = Ways(e => e.High < 0);
        Estimate? before = figures.Difference("attainment", [DisaggregationDemo.DayBefore], best);
        bool wins = overBest?.Low > 0;
        return new Verdict(
            wins ? VerdictKind.Reproduced : VerdictKind.Differs,
            $"The searched ratio is better than {(beaten == "" ? "no other" : beaten)}"
            + (better == "" ? "" : $", worse than {better}") + " (95 %). Against the best fixed one, "
            + $"{best[0]}, it has {Cells.Interval(overBest, 100)} points more within the SLO: "
            + (wins ? "better beyond noise" : "not better beyond noise")
            + $"; what was chosen for another day has {Cells.Interval(before, 100)}."
            + (wins ? "" : " " + new DisaggregationReasons(demo).Why(Array.IndexOf(fixedRatios, best) + 1)));

        string Ways(Func<Estimate, bool> isSo) => string.Join(
            ", ", fixedRatios.Append([DisaggregationDemo.Mixed])
                .Where(r => figures.Difference("attainment", searched, r) is { } e && isSo(e)).Select(r => r[0]));
    }

    private static PackTable Table(PairedFigures figures) => new(
        "demo-disaggregation", "Mean over days ± half of the 95 % interval; differences day by day",
        ["ratio (prefill:decode)", .. Columns.Select(c => c.Column), "searched less this, within SLO (points)"],
        [
            .. figures.Cases.Select(of => (IReadOnlyList<string>)
            [
                of[0], .. Columns.Select(c => Cells.Interval(figures.Of(c.Figure, of), c.Times)),
                of[0] == DisaggregationDemo.Searched ? ""
                    : Cells.Interval(figures.Difference("attainment", [DisaggregationDemo.Searched], of), 100),
            ]),
        ]);

    private static PackTable Windows(DisaggregationDemo demo) => new(
        "demo-disaggregation-windows", "What the search saw and chose",
        [
            "day", "window", "requests",
            .. Enumerable.Range(1, DisaggregationDemo.Replicas - 1)
                .Select(p => $"within SLO at {DisaggregationDemo.NameOf(p)}"),
            "prefill replicas chosen",
        ],
        [
            .. demo.Days.SelectMany((day, d) => day.Requests.Select((requests, w) => (IReadOnlyList<string>)
            [
                Whole(d + 1), Whole(w), Whole(requests), .. day.Good[w].Select(g => Cells.Number(g, 0)),
                Whole(day.Chosen[w]),
            ])),
        ],
        IsShown: false);

    private static Picture ByRatio(PairedFigures figures)
    {
        string[] names = [.. figures.Cases.Select(c => c[0])];
        PlotAxis x = new("prefill:decode", -0.6, names.Length - 0.4, Names: names);
        return new Picture(
            "demo-disaggregation-ratios", "8 replicas by ratio of prefill to decode (mean over days, 95 % intervals)",
            [
                new Panel(
                    "", x, new PlotAxis("within SLO (%)", 0, 102),
                    [
                        new PlotSeries(
                            "", SeriesKind.Points,
                            [.. figures.Cases.Select((of, i) => Cells.Point(i, figures.Of("attainment", of), 100))], 0),
                    ]),
                new Panel(
                    "Searched less each other, day by day", x, new PlotAxis("within SLO (points)"),
                    [
                        new PlotSeries("", SeriesKind.Line, [new(-0.6, 0), new(names.Length - 0.4, 0)], 1),
                        new PlotSeries(
                            "", SeriesKind.Points,
                            [
                                .. figures.Cases.Select((of, i) => Cells.Point(
                                    i, figures.Difference("attainment", [DisaggregationDemo.Searched], of), 100)),
                            ],
                            0),
                    ]),
            ]);
    }

    private static Picture FirstDay(DisaggregationDemo demo)
    {
        SearchedDay day = demo.Days[0];
        string[] ratios =
            [.. Enumerable.Range(1, DisaggregationDemo.Replicas - 1).Reverse().Select(DisaggregationDemo.NameOf)];
        string[] windows = [.. Enumerable.Range(0, day.Requests.Count).Select(Whole)];
        double last = windows.Length - 0.5;
        return new Picture(
            "demo-disaggregation-day", "What the search saw and chose on the first day",
            [
                new Panel(
                    "Each window alone, from an empty cluster", new PlotAxis("hour of the day", Names: windows),
                    new PlotAxis("prefill:decode", Names: ratios), [],
                    new HeatMap(
                        [
                            .. Enumerable.Range(0, ratios.Length).Select(row => (IReadOnlyList<double?>)
                            [
                                .. day.Requests.Select((requests, w) => requests == 0 ? (double?)null
                                    : 100 * day.Good[w][ratios.Length - 1 - row] / requests),
                            ]),
                        ],
                        "within SLO (%)", 0, 100)),
                new Panel(
                    "", new PlotAxis("hour of the day", -0.5, last, TickEvery: 1),
                    new PlotAxis("prefill replicas chosen", 0, DisaggregationDemo.Replicas, TickEvery: 1),
                    [
                        new PlotSeries(
                            "", SeriesKind.Steps,
                            [
                                .. day.Chosen.Select((c, w) => new PlotPoint(w - 0.5, c)),
                                new PlotPoint(last, day.Chosen[^1]),
                            ],
                            0),
                    ]),
                new Panel(
                    "", new PlotAxis("hour of the day", -0.5, last, TickEvery: 1),
                    new PlotAxis("requests", From: 0),
                    [
                        new PlotSeries(
                            "", SeriesKind.Bars, [.. day.Requests.Select((r, w) => new PlotPoint(w, r))], 0),
                    ]),
            ]);
    }

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
