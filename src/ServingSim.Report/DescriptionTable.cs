using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Workloads.Traces;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ServingSim.Report;

/// <summary>A description of a trace as text, in 100 columns.</summary>
public static class DescriptionTable
{
    private const int Columns = 100;
    private const double SecondsPerDay = 86_400;

    /// <summary>The text, without colours.</summary>
    public static string Text(TraceDescription trace) => Head(trace) + "\n" + string.Join(
        '\n', Sections(trace).Select(s => $"{s.Title}\n{s.Text}"));

    /// <summary>The sections after the head, each a table with what has to be known of it.</summary>
    internal static IEnumerable<(string Key, string Title, string Text)> Sections(TraceDescription trace)
    {
        yield return ("composition", "Composition", Render(Composition(trace)));
        yield return ("lengths", "Lengths of the rows that succeeded, in tokens", Render(Lengths(trace)));
        yield return (
            "load", "Requests an hour: medians over days, and means a day", Render(Load(trace)));
        yield return ("gamma", GammaTitle(trace), Render(Gamma(trace)));
        yield return (
            "variation",
            $"Variation of gaps in windows with {Burstiness.FewestOfVariation} rows or more (1: Poisson)",
            Render(Variation(trace)));
        yield return (
            "dispersion", "Index of dispersion of counts (1: Poisson): overall, and around each hour's mean in hours "
            + $"of {Dispersion.FewestOfHour} rows", Render(DispersionOf(trace)));
        if (trace.Services.Any(s => s.Conversations is not null))
        {
            yield return ("conversations", "Conversations", Render(Conversations(trace)));
        }

        yield return (
            "relation", "Responses against requests: least squares over requests of 300 to 2,000 tokens,\n"
            + "and the fullest bin of requests (relation.csv has all)", Render(Relation(trace)));
        yield return (
            "fits", "Distributions fitted to lengths: KS is the greatest distance, slope that of log frequency over "
            + "log rank,\n"
            + "Sarle's coefficient above 0.56 speaks for two modes; a second hump, and how deep the dip before it is",
            Render(Fits(trace)));
        yield return (
            "failures", "Failures: share of rows, after a failure, most in a row; of hours with "
            + $"{Failures.FewestOfHour} rows or more the mean share\nby quarter of load (q4 the busiest), correlation "
            + "with load, and the worst",
            Render(FailuresOf(trace)));
    }

    /// <summary>What the trace is.</summary>
    internal static string Head(TraceDescription trace)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn("");
        Row("file", trace.File);
        Row("format", TraceFormats.NameOf(trace.Format));
        Row("rows", $"{trace.Rows:N0}");
        Row("span", $"{(trace.LastS - trace.FirstS) / SecondsPerDay:N2} days, from day "
            + $"{Math.Floor(trace.FirstS / SecondsPerDay):N0} on");
        Row("day 0", trace.FirstDay is { } day
            ? $"a {day}{(trace.Format == TraceFormat.BurstGpt ? ": 1 November 2023, by the authors' heat map" : "")}"
            : "weekday unknown: days are counted by seven");
        Row("clock", trace.ClockS is { } clock
            ? $"{Unit(clock)}: each row got a uniform instant within it, sorted, before gaps were taken"
            : "finer than a microsecond: times are used as they are");
        if (trace.SmallServices > 0)
        {
            Row("not shown", $"{trace.SmallServices} services with fewer rows, apart from their part in 'all'");
        }

        return PlainText.Of(table, Columns);

        void Row(string name, string value) => table.AddRow(new Text(name), new Text(value));
    }

    private static string Unit(double clock) => clock switch
    {
        1 => "one second",
        0.001 => "one millisecond",
        _ => "one microsecond",
    };

    private static string Render(IRenderable table) => PlainText.Of(table, Columns);

    private static Table Composition(TraceDescription trace)
    {
        Table table = TextTable.Headed(
            "service", "rows", "failed", "share", "no size", "ties", "most/s", "/min", "/20min", "/h");
        foreach (ServiceDescription s in trace.Services)
        {
            Composition c = s.Composition;
            TextTable.AddRow(
                table, Short(s), $"{c.Rows:N0}", $"{c.Failed:N0}", $"{100 * c.FailedShare:0.00} %",
                $"{c.FailedWithoutSize:N0}", $"{c.Ties:N0}", $"{c.BusiestSecond:N0}", $"{c.BusiestMinute:N0}",
                $"{c.BusiestWindow:N0}", $"{c.BusiestHour:N0}");
        }

        return table;
    }

    private static Table Lengths(TraceDescription trace)
    {
        Table table = TextTable.Headed("service", "of", "mean", "p50", "p75", "p90", "p95", "p99", "max", "corr.");
        foreach (ServiceDescription s in trace.Services)
        {
            Add(Short(s), "request", s.Composition.Prompts, Numbers.Digits(s.Composition.Correlation));
            Add("", "response", s.Composition.Outputs, "");
        }

        return table;

        void Add(string name, string of, LengthSummary? l, string correlation) => TextTable.AddRow(
            table, name, of, l is null ? Numbers.Undefined : $"{l.Mean:N1}", Whole(l?.P50), Whole(l?.P75),
            Whole(l?.P90), Whole(l?.P95), Whole(l?.P99), Whole(l?.Max), correlation);
    }

    private static Table Load(TraceDescription trace)
    {
        Table table = TextTable.Headed(
            "service", "peak", "at", "least", "at", "p/mean", "a workday", "a weekend day");
        foreach (ServiceDescription s in trace.Services)
        {
            HourBox?[] boxes =
                [.. Enumerable.Range(0, HourlyLoad.HoursPerDay).Select(h => s.Load.Box(h, l => l.Requests))];
            (int Hour, double Median)[] hours =
                [.. boxes.Index().Where(b => b.Item is not null).Select(b => (b.Index, b.Item!.Value.Median))];
            (int Hour, double Median) most = hours.MaxBy(h => h.Median);
            (int Hour, double Median) least = hours.MinBy(h => h.Median);
            double mean = boxes.Average(b => b?.Mean) ?? 0;
            double peak = boxes.Max(b => b?.Mean) ?? 0;
            ILookup<bool, double> days = s.Load.Days()
                .ToLookup(d => s.Load.IsWeekend(d.Day), d => (double)d.Load.Requests);
            TextTable.AddRow(
                table, Short(s), Whole(most.Median), $"{most.Hour} h", Whole(least.Median), $"{least.Hour} h",
                Numbers.Digits(mean > 0 ? peak / mean : null), MeanOf(days[false]), MeanOf(days[true]));
        }

        return table;
    }

    private static string MeanOf(IEnumerable<double> days) =>
        days.Any() ? Rounded(days.Average()) : Numbers.Undefined;

    private static string GammaTitle(TraceDescription trace) =>
        $"Gamma gaps in 20-minute windows with {Burstiness.FewestOfFit} rows or more, by maximum likelihood"
        + (trace.FirstDay is null ? "" : ", Mon-Fri");

    private static Table Gamma(TraceDescription trace)
    {
        Table table = TextTable.Headed("service", "windows", "α p10", "p50", "p90", "β/s p10", "p50", "p90");
        foreach (ServiceDescription s in trace.Services)
        {
            GammaSummary g = s.Burstiness.Workdays;
            TextTable.AddRow(
                table, Short(s), $"{g.Windows:N0}", Fixed(g.Alpha?.P10), Fixed(g.Alpha?.P50), Fixed(g.Alpha?.P90),
                Numbers.Digits(g.Beta?.P10), Numbers.Digits(g.Beta?.P50), Numbers.Digits(g.Beta?.P90));
        }

        return table;
    }

    private static Table Variation(TraceDescription trace)
    {
        Table table = TextTable.Headed("service", "length", "windows", "p10", "p50", "p90", "above 1");
        foreach (ServiceDescription s in trace.Services)
        {
            foreach ((int i, GapVariation v) in s.Burstiness.Variations.Index())
            {
                TextTable.AddRow(
                    table, i == 0 ? Short(s) : "", $"{v.LengthS / 60:0} min", $"{v.Windows:N0}", Fixed(v.P10),
                    Fixed(v.P50), Fixed(v.P90), Numbers.Percent(v.ShareAboveOne));
            }
        }

        return table;
    }

    private static Table DispersionOf(TraceDescription trace)
    {
        IReadOnlyList<Dispersion> scales = trace.Services[0].Dispersion;
        Table table = TextTable.Headed("service", ["", .. scales.Select(d => Scale(d.ScaleS))]);
        foreach (ServiceDescription s in trace.Services)
        {
            TextTable.AddRow(table, [Short(s), "all", .. s.Dispersion.Select(d => Index(d.Overall))]);
            TextTable.AddRow(table, ["", "hour", .. s.Dispersion.Select(d => Index(d.WithinHours))]);
        }

        return table;
    }

    private static string Scale(double seconds) => seconds switch
    {
        < 60 => $"{seconds:0} s",
        < 3600 => $"{seconds / 60:0} min",
        < SecondsPerDay => $"{seconds / 3600:0} h",
        _ => $"{seconds / SecondsPerDay:0} d",
    };

    private static string Index(double? value) => value switch
    {
        null => Numbers.Undefined,
        >= 100 => $"{value:N0}",
        >= 10 => $"{value:0.0}",
        _ => $"{value:0.00}",
    };

    private static Table Conversations(TraceDescription trace)
    {
        Table table = TextTable.Headed(
            "service", "sessions", "turns", "p50", "p90", "gap p10", "p50", "p90", "1st req.", "later", "growth");
        foreach (ServiceDescription s in trace.Services.Where(s => s.Conversations is not null))
        {
            Conversations c = s.Conversations!;
            string Gap(int level) => c.GapsS.Count == 0 ? Numbers.Undefined : $"{c.GapsS[level]:N0} s";
            TextTable.AddRow(
                table, Short(s), $"{c.Sessions:N0}", $"{c.MeanTurns:0.00}", Whole(c.Turns.P50), Whole(c.Turns.P90),
                Gap(0), Gap(2), Gap(4), Rounded(c.FirstPromptTokens), Rounded(c.LaterPromptTokens),
                Rounded(c.MeanGrowth));
        }

        return table;
    }

    private static Table Relation(TraceDescription trace)
    {
        Table table = TextTable.Headed(
            "service", "response ≈", "requests", "mean", "p5", "p50", "p95");
        foreach (ServiceDescription s in trace.Services)
        {
            string line = s.Relation.Line is { } l ? $"{l.Intercept:0} + {l.Slope:0.000} request" : Numbers.Undefined;
            RelationBin[] most = [.. s.Relation.Bins.OrderByDescending(b => b.Rows).Take(1)];
            TextTable.AddRow(
                table,
                [
                    Short(s), line,
                    .. most.Length == 0
                        ? Enumerable.Repeat(Numbers.Undefined, 5)
                        : most.SelectMany(b => new[]
                        {
                            b.UpTo == int.MaxValue ? $"> {b.Above:N0}" : $"{b.Above + 1:N0}-{b.UpTo:N0}",
                            $"{b.Mean:N0}", $"{b.P5:N0}", $"{b.P50:N0}", $"{b.P95:N0}",
                        }),
                ]);
        }

        return table;
    }

    private static Table Fits(TraceDescription trace)
    {
        Table table = TextTable.Headed(
            "service", "of", "median", "σ", "KS", "Zipf θ", "KS", "slope", "Sarle", "hump", "dip");
        foreach (ServiceDescription s in trace.Services)
        {
            Add(Short(s), "request", s.PromptFit);
            Add("", "response", s.OutputFit);
        }

        return table;

        void Add(string name, string of, LengthFit? f)
        {
            string[] cells = f is null ? [.. Enumerable.Repeat(Numbers.Undefined, 9)] :
            [
                Rounded(Math.Exp(f.LogMean)), Fixed(f.LogSigma), $"{f.LognormalKs:0.000}", Fixed(f.ZipfTheta),
                $"{f.ZipfKs:0.000}", Fixed(f.RankSlope), Fixed(f.Bimodality),
                f.Humps is { } h ? $"{h.Second * LengthFit.BinTokens:N0}" : Numbers.Undefined,
                f.Humps is { } dip ? Numbers.Percent(dip.Depth) : Numbers.Undefined,
            ];
            TextTable.AddRow(table, [name, of, .. cells]);
        }
    }

    private static Table FailuresOf(TraceDescription trace)
    {
        Table table = TextTable.Headed(
            "service", "share", "after 1", "run", "q1", "q2", "q3", "q4", "Pears.", "Spear.", "worst");
        foreach (ServiceDescription s in trace.Services)
        {
            Failures f = s.Failures;
            string Quarter(int i) => Numbers.Percent(i < f.ByLoad.Count ? f.ByLoad[i] : null);
            TextTable.AddRow(
                table, Short(s), $"{100 * f.Share:0.00} %", Numbers.Percent(f.ShareAfterFailure), $"{f.LongestRun:N0}",
                Quarter(0), Quarter(1), Quarter(2), Quarter(3), Fixed(f.Correlation), Fixed(f.RankCorrelation),
                f.WorstHour is { } worst ? $"{100 * worst:0} %" : Numbers.Undefined);
        }

        return table;
    }

    private static string Whole(double? value) => value is { } number ? $"{number:#,0.#}" : Numbers.Undefined;

    /// <summary>A service's name without what BurstGPT ends log types with.</summary>
    internal static string Short(ServiceDescription service) =>
        service.Name.EndsWith(" log", StringComparison.Ordinal) ? service.Name[..^4] : service.Name;

    private static string Rounded(double? value) => value is { } number ? $"{number:N0}" : Numbers.Undefined;

    private static string Fixed(double? value) => value is { } number ? $"{number:0.00}" : Numbers.Undefined;
}
