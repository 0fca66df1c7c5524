using System.Globalization;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Replicating;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>The paper's demonstration of KV-cache management: what bursts cost at the same mean rate.</summary>
internal sealed class KvCacheReproduction(KvCacheOptions options) : IReproduction
{
    /// <summary>The claims, each the figure that grows where it holds.</summary>
    private static readonly (string Claim, string Figure)[] Claims =
    [
        ("more preemptions for want of KV", "preemptions"), ("more failures", "failed"),
        ("a longer p99 TTFT", "p99_ttft_ms"), ("a longer p99 end-to-end latency", "p99_e2el_ms"),
    ];

    private static readonly (string Figure, string Column, double Times)[] Columns =
    [
        ("most_requests_in_a_minute", "most in a minute", 1), ("kv_cache_usage_mean", "KV mean (%)", 100),
        ("kv_cache_usage_peak", "KV peak (%)", 100), ("minutes_above_90_percent_kv", "minutes above 90 % KV", 1),
        ("preemptions", "preemptions", 1), ("timed_out", "timed out", 1), ("queue_full", "queue full", 1),
        ("p50_ttft_ms", "p50 TTFT (s)", 1e-3), ("p99_ttft_ms", "p99 TTFT (s)", 1e-3),
        ("p50_e2el_ms", "p50 end to end (s)", 1e-3), ("p99_e2el_ms", "p99 end to end (s)", 1e-3),
    ];

    private const double SecondsPerHour = 3600;
    private const double HoursPerDay = 24;

    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        ServiceRows all = context.FirstData.Columns.Select(TraceColumns.All, _ => true);
        if (all.Count < 2 * options.Requests)
        {
            return ReproducedFigure.Without(
                $"There are {all.Count} rows; two stretches of {options.Requests} are the fewest that give an "
                + "interval.");
        }

        KvCacheDemo demo = KvCacheDemo.Run(
            all, settings => context.Read(options.Scenario, settings), options,
            context.Runs);
        PairedFigures figures = demo.Figures;
        string[] lowest = figures.Cases[0].Take(2).ToArray();
        List<OurNumber> ours = [];
        foreach (string gpu in KvCacheDemo.Gpus)
        {
            foreach ((string claim, string figure) in Claims)
            {
                ours.Add(Cells.Ours(
                    $"{gpu}, {lowest[1]}/s: {figure}, BurstGPT less Poisson", Extra(figures, gpu, lowest[1], figure)));
            }
        }

        return new ReproducedFigure(
            [UsageOverTime(demo), ByRate(figures)], [Table(figures), Differences(figures)], ours, Judge(figures),
            [
                $"BurstGPT's arrivals are {demo.TimeFactors.Count} stretches of {options.Requests} consecutive rows of "
                + "all services; their times are divided by "
                + $"{Cells.Number(demo.TimeFactors.Min(), 2)} to {Cells.Number(demo.TimeFactors.Max(), 2)} to have the "
                + "mean rate (BurstGPT-Perf's scripts have 1.23). The other processes take exactly as long. "
                + "All have the same lengths, row by row those of conversations, cut at 1,023 tokens.",
                "Poisson stands for the smoother process: rows of Azure Functions, which the paper took, are not "
                + "shipped. Clients and their limits are ours (see the scenario); the paper's failures are those of "
                + "its server.",
                Cut(figures),
                .. Waves(demo, all.Times) is { } waves ? new[] { waves } : [],
                .. Higher(figures) is { } higher ? new[] { higher } : [],
            ]);
    }

    /// <summary>Reproduced where all GPUs show all claims at the lowest rate, which is the paper's.</summary>
    internal static Verdict Judge(PairedFigures figures)
    {
        List<string> parts = [];
        List<string> showing = [];
        foreach (string rate in figures.Cases.Select(c => c[1]).Distinct())
        {
            foreach (string gpu in KvCacheDemo.Gpus)
            {
                string[] held =
                    [.. Claims.Where(c => Extra(figures, gpu, rate, c.Figure)?.Low > 0).Select(c => c.Claim)];
                if (held.Length == Claims.Length && rate == figures.Cases[0][1])
                {
                    showing.Add(gpu);
                }

                parts.Add($"{gpu} at {rate}/s: " + (held.Length == Claims.Length ? "all four"
                    : held.Length == 0 ? "none" : string.Join(", ", held)));
            }
        }

        return new Verdict(
            showing.Count == KvCacheDemo.Gpus.Count ? VerdictKind.Reproduced : VerdictKind.Differs,
            $"At the lowest rate, {figures.Cases[0][1]} requests/s, all four claims hold on "
            + (showing.Count == 0 ? "no GPU" : showing.Count == KvCacheDemo.Gpus.Count ? "every GPU"
                : $"{string.Join(", ", showing)} only")
            + ". Of more preemptions, more failures, and longer p99 TTFT and end-to-end latency under BurstGPT's "
            + $"arrivals than under Poisson's, with 95 % confidence: {string.Join("; ", parts)}."
            + (showing.Count == KvCacheDemo.Gpus.Count ? ""
                : " Why not: " + string.Join(" ", Whys(figures, figures.Cases[0][1]))));
    }

    /// <summary>Why claims do not hold at rates above the paper's; null where all do.</summary>
    private static string? Higher(PairedFigures figures)
    {
        string[] whys = [.. figures.Cases.Select(c => c[1]).Distinct().Skip(1).SelectMany(r => Whys(figures, r))];
        return whys.Length == 0 ? null : "Why not all claims hold at higher rates: " + string.Join(" ", whys);
    }

    /// <summary>Why claims do not hold at a rate, a sentence for each GPU on which one does not.</summary>
    private static IEnumerable<string> Whys(PairedFigures figures, string rate)
    {
        KvCacheReasons reasons = new(figures);
        foreach (string gpu in KvCacheDemo.Gpus)
        {
            (string Claim, string Figure)[] missed =
                [.. Claims.Where(c => !(Extra(figures, gpu, rate, c.Figure)?.Low > 0))];
            if (missed.Length > 0)
            {
                yield return reasons.Why(gpu, rate, missed);
            }
        }
    }

    private static Estimate? Extra(PairedFigures figures, string gpu, string rate, string figure) => figures.Difference(
        figure, [gpu, rate, KvCacheDemo.Trace], [gpu, rate, KvCacheDemo.Poisson]);

    /// <summary>
    /// That a run's stretch is so long that it holds the wave of the day, which makes most of its burst; null where
    /// stretches are shorter than a quarter of a day.
    /// </summary>
    private string? Waves(KvCacheDemo demo, double[] times)
    {
        double runHours = options.Requests / options.RatesPerS[0] / SecondsPerHour;
        double[] hours = [.. demo.TimeFactors.Select(f => f * runHours)];
        if (hours.Average() < HoursPerDay / 4)
        {
            return null;
        }

        double[] peaks = [.. demo.Starts.Select(first => Stretches.BusiestHour(times, first, options.Requests))];
        string rate = demo.Figures.Cases[0][1];
        double minute = demo.Figures.Of("most_requests_in_a_minute", [KvCacheDemo.Gpus[0], rate, KvCacheDemo.Trace])!
            .Value.Mean / (60 * options.RatesPerS[0]);
        return $"These stretches are {Cells.Number(hours.Min(), 0)} to {Cells.Number(hours.Max(), 0)} hours of the "
            + "trace, so that nights and working hours follow each other within minutes of a run: already the busiest "
            + $"hour of a stretch has {Cells.Number(peaks.Min(), 1)} to {Cells.Number(peaks.Max(), 1)} times its mean "
            + $"rate ({Cells.Number(peaks.Average(), 1)} on average), the busiest minute of a run "
            + $"{Cells.Number(minute, 1)} times. What looks like a burst here is largely the wave of the day, made "
            + "steep by the compression; it is not what users met.";
    }

    /// <summary>Where clients gave up, so that the longest TTFT were never seen.</summary>
    private static string Cut(PairedFigures figures)
    {
        string[] where =
        [
            .. figures.Cases.Where(c => figures.Of("timed_out", c)?.Mean > 0)
                .Select(c => $"{c[0]} at {c[1]}/s ({c[2]})"),
        ];
        return where.Length == 0
            ? "No client gave up, so that no latency is cut by a time-out."
            : "A request whose client gave up has no latency, and none that has one waited longer than clients do: "
                + $"p99 TTFT and end-to-end latency are cut there, on {string.Join(", ", where)}, and differences "
                + "between such cases are smaller than without a time-out.";
    }

    private static PackTable Table(PairedFigures figures) => new(
        "demo-kv-cache", "Mean over runs ± half of the 95 % interval",
        ["GPU", "requests/s", "arrivals", .. Columns.Select(c => c.Column)],
        [
            .. figures.Cases.Select(of => (IReadOnlyList<string>)
                [.. of, .. Columns.Select(c => Cells.Interval(figures.Of(c.Figure, of), c.Times))]),
        ]);

    private static PackTable Differences(PairedFigures figures) => new(
        "demo-kv-cache-differences", "Against Poisson, run by run",
        ["GPU", "requests/s", "arrivals", .. Columns.Select(c => c.Column)],
        [
            .. figures.Cases.Where(of => of[2] != KvCacheDemo.Poisson).Select(of => (IReadOnlyList<string>)
            [
                .. of,
                .. Columns.Select(c => Cells.Interval(
                    figures.Difference(c.Figure, of, [of[0], of[1], KvCacheDemo.Poisson]), c.Times)),
            ]),
        ],
        IsShown: false);

    private static Picture UsageOverTime(KvCacheDemo demo) => new(
        "demo-kv-cache-usage", "KV cache in use over time, Llama-2-13B, first run",
        [
            .. demo.Tracks.GroupBy(t => (t.Rate, t.Gpu)).Select(panel => new Panel(
                $"{panel.Key.Gpu}, {panel.Key.Rate} requests/s", new PlotAxis("minutes", From: 0),
                new PlotAxis("KV blocks in use (%)", From: 0, To: 102),
                [
                    .. panel.Select((track, i) => new PlotSeries(
                        track.Process, SeriesKind.Line,
                        [.. track.TimesS.Zip(track.Usage, (t, u) => new PlotPoint(t / 60, 100 * u))], i)),
                ])).OrderBy(p => p.Title.Split(", ")[1], StringComparer.Ordinal),
        ],
        Columns: 2);

    private Picture ByRate(PairedFigures figures)
    {
        (string Figure, string Label, double Times)[] shown =
        [
            ("failed", "failed requests of a run", 1), ("preemptions", "preemptions of a run", 1),
            ("p99_ttft_ms", "p99 TTFT (s)", 1e-3), ("p99_e2el_ms", "p99 end-to-end latency (s)", 1e-3),
        ];
        return new Picture(
            "demo-kv-cache-rates", "The same mean rate in smooth and bursty arrivals (95 % intervals)",
            [
                .. shown.SelectMany((s, row) => KvCacheDemo.Gpus.Select((gpu, column) => new Panel(
                    gpu, new PlotAxis("requests/s", From: 0, To: 1.05 * options.RatesPerS.Max()),
                    new PlotAxis(s.Label, From: 0),
                    [
                        .. KvCacheDemo.Processes.Select((process, i) => new PlotSeries(
                            row + column == 0 ? process : "", SeriesKind.Line,
                            [
                                .. figures.Cases.Where(c => c[0] == gpu && c[2] == process).Select(c => Cells.Point(
                                    double.Parse(c[1], CultureInfo.InvariantCulture), figures.Of(s.Figure, c),
                                    s.Times)),
                            ],
                            i)),
                    ]))),
            ],
            Columns: 2);
    }
}
