using System.Globalization;
using ScottPlot;
using ScottPlot.Colormaps;
using ScottPlot.TickGenerators;
using ServingSim.Experiments.Reproducing;
using HeatMap = ServingSim.Experiments.Reproducing.HeatMap;
using Panel = ServingSim.Experiments.Reproducing.Panel;

namespace ServingSim.Report;

/// <summary>Draws a panel of a reproduction.</summary>
/// <param name="panel">What is drawn.</param>
/// <param name="plot">An empty plot.</param>
internal sealed class PicturePanel(Panel panel, Plot plot)
{
    private const double BarShare = 0.8;
    private const double LightShare = 0.6;

    private static readonly ScottPlot.Palettes.Category10 Palette = new();

    /// <summary>Draws it, the legend at the right or below.</summary>
    public Plot Draw(bool hasLegendBelow)
    {
        plot.Axes.Title.Label.Text = panel.Title;
        plot.Axes.Title.Label.Bold = false;
        plot.Axes.Title.Label.FontSize = 14;
        if (panel.HeatMap is { } map)
        {
            DrawMap(map);
        }
        else
        {
            DrawSeries();
            if (HasLegend(panel))
            {
                ShowLegend(hasLegendBelow);
            }
        }

        PanelStyle.Apply(plot, panel.X.Label, panel.Y.Label);
        Limit(panel.X, plot.Axes.Bottom, (from, to) => plot.Axes.SetLimitsX(from, to));
        Limit(panel.Y, plot.Axes.Left, (from, to) => plot.Axes.SetLimitsY(from, to));
        return plot;
    }

    private static double At(PlotAxis axis, double value) => axis.IsLog ? Math.Log10(value) : value;

    private void DrawSeries()
    {
        int bars = panel.Series.Count(s => s.Kind == SeriesKind.Bars);
        int bar = 0;
        foreach ((int i, PlotSeries series) in panel.Series.Index())
        {
            Color color = Palette.GetColor(series.Color ?? i);
            PlotPoint[] points = [.. series.Points.Where(IsDrawn)];
            if (points.Length == 0)
            {
                continue;
            }

            switch (series.Kind)
            {
                case SeriesKind.Band:
                    DrawBand(series, points, color);
                    break;
                case SeriesKind.Boxes:
                    DrawBoxes(points, color);
                    break;
                case SeriesKind.Bars:
                    DrawBars(series, points, color, bar++, bars);
                    break;
                default:
                    DrawLine(series, points, color);
                    break;
            }
        }
    }

    private bool IsDrawn(PlotPoint p) => double.IsFinite(p.X) && double.IsFinite(p.Y)
        && (!panel.X.IsLog || p.X > 0) && (!panel.Y.IsLog || p.Y > 0);

    private double X(PlotPoint p) => At(panel.X, p.X);

    private double Y(double value) =>
        panel.Y.IsLog ? Math.Log10(Math.Max(value, panel.Y.From ?? double.Epsilon)) : value;

    private void DrawBand(PlotSeries series, PlotPoint[] points, Color color)
    {
        var band = plot.Add.FillY(
            [.. points.Select(X)], [.. points.Select(p => Y(p.Low ?? p.Y))], [.. points.Select(p => Y(p.High ?? p.Y))]);
        (band.FillColor, band.LineWidth, band.LegendText) = (color.WithAlpha(0.2), 0, series.Label);
    }

    private void DrawBoxes(PlotPoint[] points, Color color)
    {
        foreach (PlotPoint point in points)
        {
            var box = plot.Add.Box(new Box
            {
                Position = X(point),
                BoxMin = Y(point.Q1 ?? point.Y),
                BoxMiddle = Y(point.Y),
                BoxMax = Y(point.Q3 ?? point.Y),
                WhiskerMin = Y(point.Low ?? point.Y),
                WhiskerMax = Y(point.High ?? point.Y),
            });
            box.FillColor = color.WithAlpha(0.35);
        }
    }

    private void DrawBars(PlotSeries series, PlotPoint[] points, Color color, int bar, int bars)
    {
        double width = BarShare / bars;
        Bar[] shown =
        [
            .. points.Select(p => new Bar
            {
                Position = X(p) + ((bar - ((bars - 1) / 2.0)) * width),
                Value = Y(p.Y),
                Size = width,
                FillColor = color,
                LineWidth = 0,
            }),
        ];
        var drawn = plot.Add.Bars(shown);
        drawn.LegendText = series.Label;
        DrawErrors(points, Colors.Black, p => X(p) + ((bar - ((bars - 1) / 2.0)) * width));
    }

    private void DrawLine(PlotSeries series, PlotPoint[] points, Color color)
    {
        var line = plot.Add.Scatter(
            points.Select(X).ToArray(), points.Select(p => Y(p.Y)).ToArray(), color);
        line.LegendText = series.Label;
        line.MarkerSize = series.Kind is SeriesKind.Points or SeriesKind.LineAndPoints ? 6 : 0;
        line.LineWidth = series.Kind == SeriesKind.Points ? 0 : 1.5f;
        line.LinePattern = series.Kind == SeriesKind.DashedLine ? LinePattern.Dashed : LinePattern.Solid;
        line.ConnectStyle = series.Kind == SeriesKind.Steps ? ConnectStyle.StepHorizontal : ConnectStyle.Straight;
        DrawErrors(points, color, X);
    }

    private void DrawErrors(PlotPoint[] points, Color color, Func<PlotPoint, double> x)
    {
        PlotPoint[] known = [.. points.Where(p => p.Low is not null && p.High is not null)];
        if (known.Length > 0)
        {
            var errors = new ScottPlot.Plottables.ErrorBar(
                known.Select(x).ToArray(), known.Select(p => Y(p.Y)).ToArray(), null, null,
                known.Select(p => Y(p.Y) - Y(p.Low!.Value)).ToArray(),
                known.Select(p => Y(p.High!.Value) - Y(p.Y)).ToArray());
            errors.Color = color;
            plot.PlottableList.Add(errors);
        }
    }

    private void DrawMap(HeatMap map)
    {
        var cells = new double[map.Cells.Count, map.Cells[0].Count];
        for (var row = 0; row < map.Cells.Count; row++)
        {
            for (var column = 0; column < map.Cells[row].Count; column++)
            {
                cells[row, column] = map.Cells[row][column] ?? double.NaN;
                if (map.Cells[row][column] is { } value)
                {
                    var text = plot.Add.Text(
                        value.ToString("#,0", CultureInfo.InvariantCulture), column, map.Cells.Count - 1 - row);
                    text.LabelAlignment = Alignment.MiddleCenter;
                    text.LabelFontSize = 11;
                    text.LabelFontColor =
                        (value - map.From) / (map.To - map.From) <= LightShare ? Colors.White : Colors.Black;
                }
            }
        }

        plot.Axes.SetLimits(-0.5, cells.GetLength(1) - 0.5, -0.5, cells.GetLength(0) - 0.5);
        plot.HideGrid();
        plot.DataBackground.Color = Colors.LightGray;
        if (!map.Cells.Any(row => row.Any(cell => cell is not null)))
        {
            return;
        }

        var drawn = plot.Add.Heatmap(cells);
        drawn.Colormap = new Viridis();
        drawn.ManualRange = new ScottPlot.Range(map.From, map.To);
        drawn.NaNCellColor = Colors.LightGray;
        plot.MoveToBack(drawn);
        var bar = plot.Add.ColorBar(drawn);
        bar.Label = map.Unit;
        bar.LabelStyle.FontSize = 13;
        bar.Axis.TickGenerator = new NumericAutomatic { LabelFormatter = Number };
    }

    /// <summary>Whether a panel has a legend.</summary>
    public static bool HasLegend(Panel panel) => panel.Series.Any(s => s.Label.Length > 0);

    /// <summary>How much room a panel's legend takes below a plot of some width, in pixels.</summary>
    public static int LegendHeight(Panel panel, int width)
    {
        const int LineHeight = 20;
        const int Letter = 7;
        const int Symbol = 55;
        const int Space = 36;
        int[] labels = [.. panel.Series.Select(s => s.Label.Length).Where(length => length > 0)];
        int inLine = labels.Length == 0 ? 1 : Math.Max(1, (width - 140) / (Symbol + (Letter * labels.Max())));
        return labels.Length == 0 ? 0 : Space + ((labels.Length + inLine - 1) / inLine * LineHeight);
    }

    private void ShowLegend(bool isBelow)
    {
        if (!isBelow)
        {
            PanelStyle.ShowLegend(plot);
            return;
        }

        var below = plot.ShowLegend(Edge.Bottom);
        below.Legend.Orientation = Orientation.Horizontal;
        below.Legend.OutlineWidth = 0;
        below.Legend.ShadowColor = Colors.Transparent;
        below.Legend.FontSize = 12;
    }

    private void Limit(PlotAxis axis, IAxis drawn, Action<double, double> set)
    {
        if (panel.HeatMap is null)
        {
            AxisLimits free = plot.Axes.GetLimits() is { HasArea: true } known ? known : Fitted();
            bool isX = ReferenceEquals(axis, panel.X);
            (double low, double high) = isX ? (free.Left, free.Right) : (free.Bottom, free.Top);
            double from = axis.From is { } f ? At(axis, f) : low;
            double to = axis.To is { } t ? At(axis, t) : high;
            set(from, to > from ? to : from + 1);
            if (axis.IsLog)
            {
                drawn.Label.Text += " (logarithmic)";
                ((ScottPlot.AxisPanels.AxisBase)drawn).TickGenerator =
                    new NumericManual(SweepAxis.RoundTicks(from, to > from ? to : from + 1));
                return;
            }
        }

        var ticks = (ScottPlot.AxisPanels.AxisBase)drawn;
        if (axis.Names is { } names)
        {
            bool isRows = panel.HeatMap is not null && ReferenceEquals(axis, panel.Y);
            ticks.TickGenerator = new NumericManual(
                [.. names.Select((name, i) => new Tick(isRows ? names.Count - 1 - i : i, name))]);
            return;
        }

        ticks.TickGenerator = axis.TickEvery is { } every
            ? new NumericFixedInterval(every) { LabelFormatter = Number }
            : new NumericAutomatic { LabelFormatter = Number };
    }

    private AxisLimits Fitted()
    {
        plot.Axes.AutoScale();
        return plot.Axes.GetLimits();
    }

    private static string Number(double value) => value.ToString("#,0.######", CultureInfo.InvariantCulture);
}
