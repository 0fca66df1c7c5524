using ScottPlot;
using ScottPlot.TickGenerators;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Results;

namespace ServingSim.Report;

/// <summary>The pictures of a description: each a panel for every service, or a line.</summary>
public static class DescriptionPictures
{
    private const int Width = 1000;
    private const int PanelHeight = 260;
    private const int FewestOfHour = 3;

    private static readonly (string Figure, Func<HourLoad, double> Of)[] Figures =
    [
        ("requests", h => h.Requests), ("request tokens", h => h.PromptTokens),
        ("response tokens", h => h.OutputTokens),
    ];

    private static readonly PixelPadding Inner = new(100, 250, 56, 44);

    private static readonly PixelPadding Wide = new(100, 30, 56, 44);

    private static readonly ScottPlot.Palettes.Category10 Palette = new();

    /// <summary>The names of all pictures that a description can have.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "weeks.png", "weekdays.png", "hours_requests.png", "hours_request_tokens.png", "hours_response_tokens.png",
        "gamma.png", "dispersion.png", "conversations.png", "relation.png", "lengths.png", "failures.png",
    ];

    /// <summary>Writes them; the result is which, each with what it shows.</summary>
    public static IReadOnlyList<(string Name, string Title)> Write(ResultFolder folder, TraceDescription trace)
    {
        ReportFont.Register();
        List<(string, string)> written = [];
        foreach ((string name, string title, Func<Panels> panels) in Pictures(trace))
        {
            using Stream stream = folder.OpenFile(name);
            panels().Under(title, Path.GetFileName(trace.File)).WritePng(stream);
            written.Add((name, title));
        }

        return written;
    }

    private static IEnumerable<(string Name, string Title, Func<Panels> Panels)> Pictures(TraceDescription trace)
    {
        yield return ("weeks.png", "Requests a day, by week", () => new LoadHeatMaps(trace).Weeks());
        yield return (
            "weekdays.png", "Requests an hour: means by day of the week and hour",
            () => new LoadHeatMaps(trace).Weekdays());
        foreach ((string figure, Func<HourLoad, double> of) in Figures)
        {
            yield return (
                $"hours_{figure.Replace(' ', '_')}.png",
                $"{char.ToUpperInvariant(figure[0])}{figure[1..]} an hour, by hour of the day: median, quartiles, "
                + "and whiskers to the extremes or 1.5 quartile ranges, whichever is nearer",
                () => Rows([.. trace.Alone.Select(s => Boxes(s, figure, of))]));
        }

        yield return (
            "gamma.png", "Gamma parameters of gaps in 20-minute windows by hour: median, and the band of 80 %, "
            + "of hours with three such windows",
            () => Rows([.. GammaPanels(trace)]));
        yield return (
            "dispersion.png", "Index of dispersion of counts (1: Poisson)",
            () => Rows([.. DispersionPanels(trace)], 340));
        if (trace.Alone.Any(s => s.Conversations is not null))
        {
            yield return (
                "conversations.png", "Turns of a conversation, and the time between them",
                () => Rows([.. ConversationPanels(trace)], 340));
        }

        yield return (
            "relation.png", "Responses by the length of requests: mean, median, band of 90 %",
            () => Rows([.. trace.Alone.Select(Relation)]));
        if (trace.Alone.Any(s => s.PromptFit is not null || s.OutputFit is not null))
        {
            yield return (
                "lengths.png", "Lengths of requests and responses, and lognormal distributions fitted to them",
                () => Rows([.. trace.Alone.SelectMany(LengthPanels)]));
        }

        yield return (
            "failures.png", "Failures by day, by hour of the day and by load", () => Rows([.. FailurePanels(trace)]));
    }

    private static Panels Rows(Plot[] plots, int height = PanelHeight)
    {
        foreach (Plot plot in plots)
        {
            plot.Layout.Fixed(plot.Axes.GetPanels().OfType<ScottPlot.Panels.LegendPanel>().Any() ? Inner : Wide);
        }

        return new Panels(Width, [.. plots.Select(p => (p, height))]);
    }

    private static Plot Titled(string title, string x, string y)
    {
        var plot = new Plot();
        plot.Axes.Title.Label.Text = title;
        plot.Axes.Title.Label.Bold = false;
        plot.Axes.Title.Label.FontSize = 15;
        PanelStyle.Apply(plot, x, y);
        return plot;
    }

    private static void HourAxis(Plot plot)
    {
        plot.Axes.Bottom.TickGenerator = new NumericFixedInterval(3);
        plot.Axes.SetLimitsX(-0.7, 23.7);
    }

    private static Plot Boxes(ServiceDescription service, string figure, Func<HourLoad, double> of)
    {
        Plot plot = Titled(DescriptionTable.Short(service), "hour of the day", $"{figure}/h");
        double top = 0;
        for (var hour = 0; hour < HourlyLoad.HoursPerDay; hour++)
        {
            if (service.Load.Box(hour, of) is { } box)
            {
                double reach = 1.5 * (box.Q3 - box.Q1);
                double high = Math.Min(box.Max, box.Q3 + reach);
                var drawn = plot.Add.Box(new Box
                {
                    Position = hour,
                    BoxMin = box.Q1,
                    BoxMiddle = box.Median,
                    BoxMax = box.Q3,
                    WhiskerMin = Math.Max(box.Min, box.Q1 - reach),
                    WhiskerMax = high,
                });
                drawn.FillColor = Colors.C0.WithAlpha(0.35);
                top = Math.Max(top, high);
            }
        }

        HourAxis(plot);
        plot.Axes.SetLimitsY(0, top > 0 ? 1.08 * top : 1);
        return plot;
    }

    private static IEnumerable<Plot> GammaPanels(TraceDescription trace)
    {
        string days = trace.FirstDay is null ? "" : ", Monday to Friday";
        Plot alpha = Titled("Shape α (1: Poisson; below: burstier)" + days, "hour of the day", "α");
        Plot beta = Titled("Rate β" + days, "hour of the day", "β (1/s, logarithmic)");
        foreach ((int i, ServiceDescription service) in trace.Alone.Index())
        {
            Line(alpha, service, i, g => g.Alpha, v => v);
            Line(beta, service, i, g => g.Beta, Math.Log10);
        }

        IPlottable[] lines = [.. beta.GetPlottables()];
        double low = lines.Select(p => p.GetAxisLimits().Bottom).DefaultIfEmpty(-2).Min() - 0.1;
        double high = lines.Select(p => p.GetAxisLimits().Top).DefaultIfEmpty(0).Max() + 0.1;
        beta.Axes.SetLimitsY(low, high);
        beta.Axes.Left.TickGenerator = new NumericManual(SweepAxis.RoundTicks(low, high));
        double top = alpha.GetPlottables().Select(p => p.GetAxisLimits().Top).DefaultIfEmpty(1).Max();
        alpha.Axes.SetLimitsY(0, Math.Max(1.2, 1.05 * top));
        foreach (Plot plot in new[] { alpha, beta })
        {
            HourAxis(plot);
            PanelStyle.ShowLegend(plot);
        }

        var one = alpha.Add.HorizontalLine(1);
        (one.Color, one.LineWidth, one.LinePattern) = (Colors.Black.WithAlpha(0.4), 1, LinePattern.Dashed);
        return [alpha, beta];

        static void Line(
            Plot plot, ServiceDescription service, int i, Func<GammaSummary, Percentiles?> of, Func<double, double> at)
        {
            (double Hour, Percentiles At)[] points =
            [
                .. service.Burstiness.WorkdayHours.Index()
                    .Where(h => h.Item.Windows >= FewestOfHour && of(h.Item) is not null)
                    .Select(h => ((double)h.Index, of(h.Item)!.Value)),
            ];
            Color color = Palette.GetColor(i);
            if (points.Length == 0)
            {
                return;
            }

            // Hours without windows enough break the line
            foreach ((int part, (double Hour, Percentiles At)[] run) in points.Index()
                .GroupBy(p => p.Item.Hour - p.Index).Select(g => g.Select(p => p.Item).ToArray()).Index())
            {
                double[] hours = [.. run.Select(p => p.Hour)];
                var band = plot.Add.FillY(
                    hours, [.. run.Select(p => at(p.At.P10))], [.. run.Select(p => at(p.At.P90))]);
                (band.FillColor, band.LineWidth) = (color.WithAlpha(0.12), 0);
                var line = plot.Add.Scatter(hours, run.Select(p => at(p.At.P50)).ToArray(), color);
                (line.LegendText, line.MarkerSize) = (part == 0 ? DescriptionTable.Short(service) : "", 4);
            }
        }
    }

    private static IEnumerable<Plot> DispersionPanels(TraceDescription trace)
    {
        yield return Panel("Over the whole trace, the daily wave included", d => d.Overall);
        yield return Panel("Around each hour's own mean", d => d.WithinHours);

        Plot Panel(string title, Func<Dispersion, double?> of)
        {
            Plot plot = Titled(title, "scale (s, logarithmic)", "variance / mean (logarithmic)");
            List<double> all = [1];
            foreach ((int i, ServiceDescription service) in trace.Alone.Index())
            {
                Dispersion[] points = [.. service.Dispersion.Where(d => of(d) > 0)];
                all.AddRange(points.Select(d => of(d)!.Value));
                var line = plot.Add.Scatter(
                    points.Select(d => Math.Log10(d.ScaleS)).ToArray(),
                    points.Select(d => Math.Log10(of(d)!.Value)).ToArray(),
                    Palette.GetColor(i));
                line.LegendText = DescriptionTable.Short(service);
            }

            (double low, double high) = (Math.Log10(all.Min()) - 0.1, Math.Log10(all.Max()) + 0.15);
            plot.Axes.SetLimits(-0.1, 5.05, low, high);
            plot.Axes.Bottom.TickGenerator = new NumericManual(SweepAxis.RoundTicks(-0.1, 5.05));
            plot.Axes.Left.TickGenerator = new NumericManual(SweepAxis.RoundTicks(low, high));
            PanelStyle.ShowLegend(plot);
            return plot;
        }
    }

    private static IEnumerable<Plot> ConversationPanels(TraceDescription trace)
    {
        Plot turns = Titled("Turns", "turns of a conversation", "share of conversations (%)");
        Plot gaps = Titled(
            "Time from a turn's start to the next's", "time (s, logarithmic)", "share of gaps up to it (%)");
        List<double> ends = [0, 1];
        foreach ((int i, ServiceDescription service) in trace.Alone.Index())
        {
            if (service.Conversations is not { } c)
            {
                continue;
            }

            Color color = Palette.GetColor(i);
            var share = turns.Add.Scatter(
                c.TurnShares.Select((_, k) => k + 1.0).ToArray(), c.TurnShares.Select(s => 100 * s).ToArray(), color);
            share.LegendText = DescriptionTable.Short(service);
            if (c.GapsS.Count > 0)
            {
                var gap = gaps.Add.Scatter(
                    c.GapsS.Select(g => Math.Log10(Math.Max(g, 0.1))).ToArray(),
                    Conversations.GapLevels.Select(p => 100 * p).ToArray(), color);
                gap.LegendText = DescriptionTable.Short(service);
                ends.AddRange(c.GapsS.Select(g => Math.Log10(Math.Max(g, 0.1))));
            }
        }

        turns.Axes.AutoScaleY();
        turns.Axes.SetLimits(0.5, 10.5, 0, turns.Axes.GetLimits().Top);
        turns.Axes.Bottom.TickGenerator = new NumericFixedInterval(1);
        gaps.Axes.SetLimits(ends.Min() - 0.1, ends.Max() + 0.1, 0, 100);
        gaps.Axes.Bottom.TickGenerator = new NumericManual(SweepAxis.RoundTicks(ends.Min() - 0.1, ends.Max() + 0.1));
        PanelStyle.ShowLegend(turns);
        PanelStyle.ShowLegend(gaps);
        return ends.Count > 2 ? [turns, gaps] : [turns];
    }

    private static Plot Relation(ServiceDescription service)
    {
        Plot plot = Titled(
            DescriptionTable.Short(service), "request tokens, mean of a bin's ends (logarithmic)", "response tokens");
        RelationBin[] bins = [.. service.Relation.Bins.Where(b => b.Rows >= 10 && b.UpTo < int.MaxValue)];
        if (bins.Length == 0)
        {
            plot.Axes.SetLimits(1, 4, 0, 1);
            return plot;
        }

        double[] x = [.. bins.Select(b => Math.Log10((b.Above + b.UpTo) / 2.0))];
        var band = plot.Add.FillY(x, [.. bins.Select(b => b.P5)], [.. bins.Select(b => b.P95)]);
        (band.FillColor, band.LineWidth, band.LegendText) = (Colors.C0.WithAlpha(0.2), 0, "90 % of responses");
        plot.Add.Scatter(x, bins.Select(b => b.P50).ToArray(), Colors.C0).LegendText = "median";
        plot.Add.Scatter(x, bins.Select(b => b.Mean).ToArray(), Colors.C1).LegendText = "mean";
        (double from, double to) = (x[0] - 0.05, Math.Max(x[^1], x[0] + 0.3) + 0.05);
        plot.Axes.SetLimits(from, to, 0, Math.Max(1, 1.05 * bins.Max(b => b.P95)));
        plot.Axes.Bottom.TickGenerator = new NumericManual(SweepAxis.RoundTicks(from, to));
        PanelStyle.ShowLegend(plot);
        return plot;
    }

    private static IEnumerable<Plot> LengthPanels(ServiceDescription service)
    {
        (string, LengthFit?)[] fits = [("request", service.PromptFit), ("response", service.OutputFit)];
        foreach ((string of, LengthFit? fit) in fits)
        {
            if (fit is not null)
            {
                yield return Histogram($"{DescriptionTable.Short(service)}: {of}", $"{of} tokens", fit);
            }
        }
    }

    private static Plot Histogram(string title, string x, LengthFit fit)
    {
        const double Bin = LengthFit.BinTokens;
        Plot plot = Titled(title, x, $"% in {Bin:0} tokens");
        double[] edges = [.. Enumerable.Range(0, fit.Histogram.Count + 1).Select(i => i * Bin)];
        double[] shares = [.. fit.Histogram.Select(c => 100.0 * c / fit.Count)];
        var data = plot.Add.ScatterLine(edges, [.. shares, shares[^1]], Colors.C0);
        (data.ConnectStyle, data.LegendText, data.FillY) = (ConnectStyle.StepHorizontal, "data", true);
        data.FillYColor = Colors.C0.WithAlpha(0.2);
        double[] fitted = [.. edges.Skip(1).Select(e => 100 * (fit.LognormalShare(e) - fit.LognormalShare(e - Bin)))];
        var line = plot.Add.ScatterLine(
            edges.Skip(1).Select(e => e - (Bin / 2)).ToArray(), fitted, Colors.C1);
        line.LegendText = $"lognormal, KS {fit.LognormalKs:0.000}";
        plot.Axes.SetLimits(0, edges[^1], 0, 1.08 * Math.Max(shares.Max(), fitted.Max()));
        PanelStyle.ShowLegend(plot);
        return plot;
    }

    private static IEnumerable<Plot> FailurePanels(TraceDescription trace)
    {
        yield return Panel(
            "By day", "day of the trace",
            s => s.Failures.ByDay.Where(d => d.Share is not null).Select(d => ((double)d.Day, 100 * d.Share!.Value)));
        yield return Panel(
            "By hour of the day", "hour of the day",
            s => s.Failures.ByHour.Index().Where(h => h.Item is not null)
                .Select(h => ((double)h.Index, 100 * h.Item!.Value)));
        yield return Panel(
            $"By load: hours with {Failures.FewestOfHour} rows or more, in four quarters",
            "quarter, the last the busiest",
            s => s.Failures.ByLoad.Index().Where(q => q.Item is not null)
                .Select(q => (q.Index + 1.0, 100 * q.Item!.Value)));

        Plot Panel(string title, string x, Func<ServiceDescription, IEnumerable<(double X, double Y)>> points)
        {
            Plot plot = Titled(title, x, "failed (%)");
            double top = 1;
            (double first, double last) = (double.PositiveInfinity, double.NegativeInfinity);
            foreach ((int i, ServiceDescription service) in trace.Alone.Index())
            {
                (double X, double Y)[] all = [.. points(service)];
                if (all.Length == 0)
                {
                    continue;
                }

                var line = plot.Add.Scatter(
                    all.Select(p => p.X).ToArray(), all.Select(p => p.Y).ToArray(),
                    Palette.GetColor(i));
                (line.LegendText, line.MarkerSize) = (DescriptionTable.Short(service), 4);
                top = Math.Max(top, all.Max(p => p.Y));
                (first, last) = (Math.Min(first, all[0].X), Math.Max(last, all[^1].X));
            }

            // Half a step beside the points, so that no tick is of an hour or day that there is not
            (first, last) = first <= last ? (first - 0.5, last + 0.5) : (0, 1);
            plot.Axes.SetLimits(first, last, 0, 1.08 * top);
            plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
            PanelStyle.ShowLegend(plot);
            return plot;
        }
    }
}
