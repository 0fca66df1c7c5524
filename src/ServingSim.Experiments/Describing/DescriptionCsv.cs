using System.Globalization;
using CsvHelper;
using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Describing;

/// <summary>Writes a description's figures, one file for each kind; fields that are undefined are empty.</summary>
public static class DescriptionCsv
{
    private static readonly (string Name, Func<HourLoad, double> Of)[] Figures =
    [
        ("requests", h => h.Requests), ("request_tokens", h => h.PromptTokens),
        ("response_tokens", h => h.OutputTokens),
    ];

    private static readonly CsvTable[] Tables =
    [
        new("services.csv",
            ["service", "rows", "failed", "failed_without_size", "failed_share", "ties", "busiest_second",
                "busiest_minute", "busiest_20_minutes", "busiest_hour", "correlation"],
            s => [CompositionRow(s.Composition)]),
        new("lengths.csv", ["service", "of", "count", "mean", "p50", "p75", "p90", "p95", "p99", "max"], Lengths),
        new("hours.csv", ["service", "day", "hour", "requests", "request_tokens", "response_tokens", "failed"], Hours),
        new("hour_of_day.csv", ["service", "figure", "hour", "days", "min", "q1", "median", "q3", "max", "mean"],
            Boxes),
        new("weekdays.csv",
            ["service", "weekday", "hour", "mean_requests", "mean_request_tokens", "mean_response_tokens"], Weekdays),
        new("windows.csv", ["service", "start_s", "requests", "variation", "alpha", "beta_per_s"], Windows),
        new("gamma.csv",
            ["service", "days", "hour", "windows", "alpha_p10", "alpha_p50", "alpha_p90", "beta_p10_per_s",
                "beta_p50_per_s", "beta_p90_per_s"],
            Gammas),
        new("variation.csv", ["service", "window_s", "windows", "p10", "p50", "p90", "share_above_1"], Variations),
        new("dispersion.csv", ["service", "scale_s", "overall", "within_hours"],
            s => s.Dispersion.Select(d => new[] { N(d.ScaleS), N(d.Overall, 4), N(d.WithinHours, 4) })),
        new("conversations.csv", ["service", "figure", "value"], Sessions),
        new("turns.csv", ["service", "turns", "sessions"],
            s => s.Conversations?.AllTurns.Select(t => new[] { N(t.Turns), N(t.Sessions) }) ?? []),
        new("relation.csv",
            ["service", "above_request_tokens", "to_request_tokens", "rows", "mean_response_tokens", "p5", "p50",
                "p95"],
            s => s.Relation.Bins.Select(b => new[]
            {
                N(b.Above), b.UpTo == int.MaxValue ? "" : N(b.UpTo), N(b.Rows), N(b.Mean, 2), N(b.P5, 2), N(b.P50, 2),
                N(b.P95, 2),
            })),
        new("fits.csv",
            ["service", "of", "count", "lognormal_mu", "lognormal_sigma", "lognormal_ks", "zipf_theta", "zipf_ks",
                "rank_slope", "bimodality", "highest_hump_tokens", "dip_tokens", "second_hump_tokens",
                "dip_over_second", "hump_score"],
            Fits),
        new("histogram.csv", ["service", "of", "from_tokens", "count"], Histograms),
        new("failures.csv", ["service", "figure", "value"], FailureFigures),
        new("failures_by_day.csv", ["service", "day", "share"],
            s => s.Failures.ByDay.Select(d => new[] { N(d.Day), N(d.Share, 5) })),
        new("failures_by_hour.csv", ["service", "hour", "share"],
            s => s.Failures.ByHour.Index().Select(h => new[] { N(h.Index), N(h.Item, 5) })),
    ];

    /// <summary>The names of all files.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Tables.Select(t => t.Name)];

    /// <summary>Writes all files.</summary>
    public static void Write(ResultFolder folder, TraceDescription description)
    {
        foreach (CsvTable table in Tables)
        {
            using CsvWriter csv = CsvFields.Open(folder.OpenFile(table.Name), table.Columns);
            foreach (ServiceDescription service in description.Services)
            {
                foreach (string[] row in table.Rows(service))
                {
                    csv.WriteRecord([service.Name, .. row]);
                }
            }
        }
    }

    private static string[] CompositionRow(Composition c) =>
    [
        N(c.Rows), N(c.Failed), N(c.FailedWithoutSize), N(c.FailedShare, 5), N(c.Ties), N(c.BusiestSecond),
        N(c.BusiestMinute), N(c.BusiestWindow), N(c.BusiestHour), N(c.Correlation, 4),
    ];

    private static IEnumerable<string[]> Lengths(ServiceDescription s) =>
        new (string Of, LengthSummary? Value)[]
        {
            ("request", s.Composition.Prompts), ("response", s.Composition.Outputs),
        }
        .Where(l => l.Value is not null)
        .Select(l => new[]
        {
            l.Of, N(l.Value!.Count), N(l.Value.Mean, 3), N(l.Value.P50, 2), N(l.Value.P75, 2), N(l.Value.P90, 2),
            N(l.Value.P95, 2), N(l.Value.P99, 2), N(l.Value.Max),
        });

    private static IEnumerable<string[]> Hours(ServiceDescription s) => s.Load.Hours.Select((hour, i) => new[]
    {
        N((s.Load.FirstHour + i) / HourlyLoad.HoursPerDay), N((s.Load.FirstHour + i) % HourlyLoad.HoursPerDay),
        N(hour.Requests), N(hour.PromptTokens), N(hour.OutputTokens), N(hour.Failed),
    });

    private static IEnumerable<string[]> Boxes(ServiceDescription s) => Figures.SelectMany(
        figure => Enumerable.Range(0, HourlyLoad.HoursPerDay).Select(hour => (hour, Box: s.Load.Box(hour, figure.Of)))
            .Where(h => h.Box is not null)
            .Select(h => new[]
            {
                figure.Name, N(h.hour), N(h.Box!.Value.Days), N(h.Box.Value.Min), N(h.Box.Value.Q1, 2),
                N(h.Box.Value.Median, 2), N(h.Box.Value.Q3, 2), N(h.Box.Value.Max), N(h.Box.Value.Mean, 2),
            }));

    private static IEnumerable<string[]> Weekdays(ServiceDescription s)
    {
        for (int weekday = 0; weekday < HourlyLoad.DaysPerWeek; weekday++)
        {
            for (int hour = 0; hour < HourlyLoad.HoursPerDay; hour++)
            {
                if (s.Load.Mean(weekday, hour, h => h.Requests) is not null)
                {
                    yield return
                    [
                        s.Load.NameOf(weekday), N(hour),
                        .. Figures.Select(figure => N(s.Load.Mean(weekday, hour, figure.Of), 2)),
                    ];
                }
            }
        }
    }

    private static IEnumerable<string[]> Windows(ServiceDescription s) => s.Burstiness.Windows.Select(w => new[]
    {
        N(w.StartS), N(w.Requests), N(w.Variation, 4), N(w.Fit?.Alpha, 5), N(w.Fit?.Beta, 7),
    });

    private static IEnumerable<string[]> Gammas(ServiceDescription s)
    {
        yield return GammaRow("workdays", "", s.Burstiness.Workdays);
        yield return GammaRow("weekends", "", s.Burstiness.Weekends);
        foreach ((int hour, GammaSummary summary) in s.Burstiness.WorkdayHours.Index())
        {
            yield return GammaRow("workdays", N(hour), summary);
        }
    }

    private static string[] GammaRow(string days, string hour, GammaSummary g) =>
    [
        days, hour, N(g.Windows), N(g.Alpha?.P10, 4), N(g.Alpha?.P50, 4), N(g.Alpha?.P90, 4), N(g.Beta?.P10, 6),
        N(g.Beta?.P50, 6), N(g.Beta?.P90, 6),
    ];

    private static IEnumerable<string[]> Variations(ServiceDescription s) => s.Burstiness.Variations.Select(v => new[]
    {
        N(v.LengthS), N(v.Windows), N(v.P10, 4), N(v.P50, 4), N(v.P90, 4), N(v.ShareAboveOne, 4),
    });

    private static IEnumerable<string[]> Sessions(ServiceDescription s)
    {
        if (s.Conversations is not { } c)
        {
            return [];
        }

        return
        [
            ["sessions", N(c.Sessions)], ["rows", N(c.Rows)], ["mean_turns", N(c.MeanTurns, 4)],
            ["p50_turns", N(c.Turns.P50)], ["p75_turns", N(c.Turns.P75)], ["p90_turns", N(c.Turns.P90)],
            ["p99_turns", N(c.Turns.P99)], ["max_turns", N(c.Turns.Max)],
            .. c.TurnShares.Select((share, i) => new[] { $"share_of_{i + 1}_turns", N(share, 5) }),
            .. c.GapsS.Select((gap, i) => new[] { $"p{100 * Conversations.GapLevels[i]:0}_gap_s", N(gap, 3) }),
            ["mean_gap_s", N(c.MeanGapS, 3)], ["gap_variation", N(c.GapVariation, 4)],
            ["gap_lognormal_mu", N(c.GapLogMean, 4)], ["gap_lognormal_sigma", N(c.GapLogSigma, 4)],
            ["mean_first_request_tokens", N(c.FirstPromptTokens, 2)],
            ["mean_later_request_tokens", N(c.LaterPromptTokens, 2)], ["mean_growth_tokens", N(c.MeanGrowth, 2)],
            ["p10_growth_tokens", N(c.Growth?.P10, 1)], ["p50_growth_tokens", N(c.Growth?.P50, 1)],
            ["p90_growth_tokens", N(c.Growth?.P90, 1)], ["shrinking_share", N(c.ShrinkingShare, 4)],
        ];
    }

    private static IEnumerable<(string Of, LengthFit Fit)> FitsOf(ServiceDescription s)
    {
        if (s.PromptFit is { } prompts)
        {
            yield return ("request", prompts);
        }

        if (s.OutputFit is { } outputs)
        {
            yield return ("response", outputs);
        }
    }

    private static IEnumerable<string[]> Fits(ServiceDescription s) => FitsOf(s).Select(f => new[]
    {
        f.Of, N(f.Fit.Count), N(f.Fit.LogMean, 5), N(f.Fit.LogSigma, 5), N(f.Fit.LognormalKs, 5), N(f.Fit.ZipfTheta, 5),
        N(f.Fit.ZipfKs, 5), N(f.Fit.RankSlope, 5), N(f.Fit.Bimodality, 4), Bin(f.Fit.Humps?.Highest),
        Bin(f.Fit.Humps?.Dip), Bin(f.Fit.Humps?.Second), N(f.Fit.Humps?.Depth, 4), N(f.Fit.Humps?.Score, 3),
    });

    private static IEnumerable<string[]> Histograms(ServiceDescription s) => FitsOf(s).SelectMany(
        f => f.Fit.Histogram.Select((count, i) => new[] { f.Of, Bin(i), N(count) }));

    private static IEnumerable<string[]> FailureFigures(ServiceDescription s)
    {
        Failures f = s.Failures;
        return
        [
            ["share", N(f.Share, 5)], ["share_after_failure", N(f.ShareAfterFailure, 5)],
            ["longest_run", N(f.LongestRun)], ["hours_told_of", N(f.Hours)],
            ["pearson_with_load", N(f.Correlation, 4)], ["spearman_with_load", N(f.RankCorrelation, 4)],
            .. f.ByLoad.Select((share, i) => new[] { $"share_in_load_quarter_{i + 1}", N(share, 5) }),
            ["worst_hour", N(f.WorstHour, 4)],
        ];
    }

    private static string Bin(int? bin) => bin is { } i ? N(i * LengthFit.BinTokens) : "";

    private static string N(double? value, int decimals = 0) =>
        value?.ToString("F" + decimals, CultureInfo.InvariantCulture) ?? "";

    /// <summary>A file: its name, its columns, and what it has of a service after the service's name.</summary>
    private sealed record CsvTable(
        string Name, string[] Columns, Func<ServiceDescription, IEnumerable<string[]>> Rows);
}
