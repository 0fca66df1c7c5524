using ScottPlot;
using ScottPlot.TickGenerators;
using ServingSim.Experiments.Comparing;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Sweeping;

namespace ServingSim.Report;

/// <summary>
/// A picture of a sweep along its first axis: a panel for each figure, in it a line with a confidence band for each
/// combination of the other values. Where the points form no lines, as those of a sample, they stand alone.
/// </summary>
public sealed class SweepPicture
{
    private const int Width = 1000;
    private const int PanelHeight = 250;
    private const int MostLines = 10;
    private const int MostLegendRows = 12;
    private const int LegendWidth = 230;
    private const int LeftWidth = 110;
    private const int RightWidth = 60;

    private const double FarRatio = 20;

    private readonly Panels _panels;

    /// <summary>Prepares the picture.</summary>
    public SweepPicture(SweepResult result)
    {
        ReportFont.Register();
        SweepAxis axis = SweepAxis.Of(result)[0];
        Line[] lines = LinesOf(result, axis);
        _panels = new Panels(
            Width,
            [
                .. result.Plan.Figures.Select((figure, i) =>
                {
                    bool isLast = i == result.Plan.Figures.Count - 1;
                    var panel = Panel(result, figure, axis, lines, isLast);
                    if (i == 0 && lines.Length > 1)
                    {
                        ShowLegend(panel);
                    }
                    else
                    {
                        panel.HideLegend();
                    }

                    return (panel, PanelHeight + (isLast ? 40 : 0));
                }),
            ]);
    }

    /// <summary>Writes the picture as PNG; leaves the stream open.</summary>
    public void WritePng(Stream stream) => _panels.WritePng(stream);

    private static Line[] LinesOf(SweepResult result, SweepAxis axis)
    {
        SweepAxis[] others = [.. SweepAxis.AllOf(result).Where(a => a.Path != axis.Path && a.Values.Count > 1)];
        IEnumerable<SweepPoint> points = others.Reverse().Aggregate(
            result.Points.AsEnumerable(), (sorted, other) => sorted.OrderBy(other.PositionOf));
        Line[] lines =
        [
            .. points
                .GroupBy(p => string.Join('\n', SettingsOf(p, others)))
                .Select(g => new Line(g.Key, true, [.. g.OrderBy(axis.PositionOf)])),
        ];
        if (lines.Sum(l => l.Name.Split('\n').Length) > MostLegendRows)
        {
            lines = [.. lines.Select(l => l with { Name = l.Name.Replace('\n', ' ') })];
        }

        bool areLines = lines.Length <= MostLines && Array.Exists(lines, l => l.Points.Count > 1);
        return areLines || result.Points.Count == 1 ? lines
            : [new Line("", false, [.. result.Points.OrderBy(axis.PositionOf)])];
    }

    /// <summary>What a point sets of some axes, by short names; a list's points may not set all.</summary>
    private static IEnumerable<string> SettingsOf(SweepPoint point, SweepAxis[] axes) =>
        axes.Zip(Variation.ShortNames([.. axes.Select(a => a.Path)]))
            .Select(a => (Name: a.Second, Value: SweepAxis.ValueOf(point, a.First.Path)))
            .Where(s => s.Value != Numbers.Undefined)
            .Select(s => $"{s.Name}={s.Value}");

    private static Plot Panel(SweepResult result, string figure, SweepAxis axis, Line[] lines, bool isLast)
    {
        var plot = new Plot();
        double[] means = [.. result.Points.Select(p => p.Of(figure)?.Mean).OfType<double>()];
        double? begin = IsFar(means) ? means.Min() / 2 : null;
        foreach ((int i, Line line) in lines.Index())
        {
            Color color = lines.Length == 1 ? Colors.C0 : plot.Add.Palette.GetColor(i);
            Draw(plot, line, figure, axis, begin, color);
        }

        (double from, double to) = axis.Limits;
        plot.Axes.SetLimitsX(from, to);
        int right = lines.Length > 1 ? LegendWidth : RightWidth;
        plot.Axes.Bottom.TickGenerator = axis.Ticks(Width - LeftWidth - right);
        plot.Axes.Bottom.TickLabelStyle.IsVisible = isLast;
        if (isLast)
        {
            bool growing = result.Points.Any(IsGrowing);
            Title(plot.Axes.Bottom.Label, axis.Label + (growing ? " (hollow: the queue grows all the time)" : ""));
        }

        SetScale(plot, figure, [.. result.Points.Select(p => p.Of(figure)).OfType<Estimate>()], begin);
        Title(plot.Axes.Left.Label, figure);
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.1);
        plot.Layout.Fixed(new PixelPadding(LeftWidth, right, isLast ? 54 : 14, 14));
        return plot;
    }

    private static void ShowLegend(Plot plot)
    {
        var legend = plot.ShowLegend(Edge.Right);
        legend.Legend.OutlineWidth = 0;
        legend.Legend.ShadowColor = Colors.Transparent;
        legend.Legend.FontSize = 13;
    }

    private static void Draw(Plot plot, Line line, string figure, SweepAxis axis, double? begin, Color color)
    {
        (SweepPoint Point, Estimate Estimate)[] points =
            [.. line.Points.Where(p => p.Of(figure) is not null).Select(p => (p, p.Of(figure)!.Value))];
        if (points.Length == 0)
        {
            return;
        }

        double Y(double value) => begin is null ? value : Math.Log10(value);
        double[] xs = [.. points.Select(p => axis.PositionOf(p.Point))];
        double[] lows = [.. points.Select(p => Y(LowOf(p.Estimate, begin)))];
        double[] highs = [.. points.Select(p => Y(p.Estimate.High ?? p.Estimate.Mean))];
        double[] means = [.. points.Select(p => Y(p.Estimate.Mean))];
        if (line.IsLine && points.Length > 1)
        {
            var band = plot.Add.FillY(xs, lows, highs);
            band.FillColor = color.WithAlpha(0.2);
            band.LineWidth = 0;
            var path = plot.Add.ScatterLine(xs, means, color);
            path.LineWidth = 1.5f;
            path.LegendText = line.Name;
        }

        foreach ((int i, (SweepPoint point, _)) in points.Index())
        {
            if (!line.IsLine || points.Length == 1)
            {
                plot.Add.Line(xs[i], lows[i], xs[i], highs[i]).Color = color;
            }

            plot.Add.Marker(
                xs[i], means[i], IsGrowing(point) ? MarkerShape.OpenCircle : MarkerShape.FilledCircle, 7, color);
        }
    }

    private static void SetScale(Plot plot, string figure, Estimate[] estimates, double? begin)
    {
        double most = estimates.Select(e => e.High ?? e.Mean).DefaultIfEmpty(0).Max();

        // An interval of a share can reach beyond what a share can be
        bool isShare = figure.EndsWith("attainment", StringComparison.Ordinal) || figure.Contains("kv_cache_usage");
        most = isShare ? Math.Min(most, 1) : most;
        if (begin is null)
        {
            double least = Math.Min(0, estimates.Select(e => e.Mean).DefaultIfEmpty(0).Min());
            plot.Axes.SetLimitsY(least, most > 0 ? most * 1.08 : 1);
            return;
        }

        (double from, double to) = (Math.Log10(estimates.Min(e => LowOf(e, begin))), Math.Log10(most));
        plot.Axes.SetLimitsY(from - (0.02 * (to - from)), to + (0.05 * (to - from)));
        plot.Axes.Left.TickGenerator = new NumericManual(SweepAxis.RoundTicks(from, to));
    }

    /// <summary>
    /// The lower end of an interval; on a logarithmic scale, which has no zero, no less than where it begins: half the
    /// least mean.
    /// </summary>
    private static double LowOf(Estimate estimate, double? begin) =>
        Math.Max(estimate.Low ?? estimate.Mean, begin ?? double.NegativeInfinity);

    /// <summary>Whether means lie so far apart that only a logarithmic scale shows them all; shares do not.</summary>
    internal static bool IsFar(double[] means) =>
        means.Length > 0 && means.Min() > 0 && means.Max() > 1 && means.Max() / means.Min() > FarRatio;

    /// <summary>Whether figures of a point say nothing of the system, in most of its replications.</summary>
    internal static bool IsGrowing(SweepPoint point) => 2 * point.GrowingQueues > point.Units.Count;

    internal static void Title(LabelStyle label, string text)
    {
        label.Text = text;
        label.Bold = false;
        label.FontSize = 14;
    }

    private sealed record Line(string Name, bool IsLine, IReadOnlyList<SweepPoint> Points);
}
