using System.Globalization;
using ScottPlot;
using ScottPlot.Colormaps;
using ScottPlot.TickGenerators;
using ServingSim.Experiments.Sweeping;

namespace ServingSim.Report;

/// <summary>A picture of a sweep along two axes: a heat map for each figure, with its means as numbers.</summary>
public sealed class SweepHeatMaps
{
    private const int Left = 110;
    private const int Right = 130;
    private const int CellWidth = 100;
    private const int CellHeight = 44;
    private const int LeastWidth = 620;
    private const int MostCells = 20;

    private readonly Panels _panels;

    private SweepHeatMaps(SweepResult result, SweepAxis x, SweepAxis y)
    {
        ReportFont.Register();
        int width = Math.Max(LeastWidth, Left + Right + (CellWidth * x.Values.Count));
        int height = 110 + (CellHeight * y.Values.Count);
        _panels = new Panels(width, [.. result.Plan.Figures.Select(f => (Panel(result, f, x, y), height))]);
    }

    /// <summary>The picture, if the sweep has two axes and at most one point at each of their crossings.</summary>
    public static SweepHeatMaps? Of(SweepResult result)
    {
        IReadOnlyList<SweepAxis> axes = SweepAxis.Of(result);
        return axes is [var x, var y] && x.Values.Count <= MostCells && y.Values.Count <= MostCells
            && result.Points.Select(p => CellOf(p, x, y)).Distinct().Count() == result.Points.Count
            ? new SweepHeatMaps(result, x, y)
            : null;
    }

    /// <summary>Writes the picture as PNG; leaves the stream open.</summary>
    public void WritePng(Stream stream) => _panels.WritePng(stream);

    private static (string X, string Y) CellOf(SweepPoint point, SweepAxis x, SweepAxis y) =>
        (SweepAxis.ValueOf(point, x.Path), SweepAxis.ValueOf(point, y.Path));

    private static Plot Panel(SweepResult result, string figure, SweepAxis x, SweepAxis y)
    {
        var plot = new Plot();
        var points = result.Points.ToDictionary(p => CellOf(p, x, y));
        double[] means = [.. result.Points.Select(p => p.Of(figure)?.Mean).OfType<double>()];
        bool isLog = SweepPicture.IsFar(means);
        double Shade(double mean) => isLog ? Math.Log10(mean) : mean;
        (double least, double most) = means.Length == 0 ? (0, 1) : (Shade(means.Min()), Shade(means.Max()));
        most = most > least ? most : least + 1;
        var cells = new double[y.Values.Count, x.Values.Count];
        for (var row = 0; row < y.Values.Count; row++)
        {
            for (var column = 0; column < x.Values.Count; column++)
            {
                var point = points.GetValueOrDefault((x.Values[column], y.Values[row]));
                double shade = point?.Of(figure) is { } estimate ? Shade(estimate.Mean) : double.NaN;

                // The first row of a heat map is its top, the least value of an axis its bottom
                cells[y.Values.Count - 1 - row, column] = shade;
                var text = plot.Add.Text(TextOf(point, figure), column, row);
                text.LabelAlignment = Alignment.MiddleCenter;
                text.LabelFontSize = 13;
                bool isDark = (shade - least) / (most - least) <= 0.6;
                text.LabelFontColor = isDark ? Colors.White : Colors.Black;
            }
        }

        var map = plot.Add.Heatmap(cells);
        map.Colormap = new Viridis();
        map.ManualRange = new ScottPlot.Range(least, most);
        map.NaNCellColor = Colors.LightGray;
        plot.MoveToBack(map);
        plot.Add.ColorBar(map).Axis.TickGenerator = isLog
            ? new NumericManual(SweepAxis.RoundTicks(least, most))
            : new NumericAutomatic { LabelFormatter = v => v.ToString("#,0.####", CultureInfo.InvariantCulture) };
        Arrange(plot, figure, x, y, result.Points.Any(SweepPicture.IsGrowing));
        return plot;
    }

    private static string TextOf(SweepPoint? point, string figure) =>
        Numbers.Digits(point?.Of(figure)?.Mean)
        + (point is not null && SweepPicture.IsGrowing(point) ? " ↑" : "");

    private static void Arrange(Plot plot, string figure, SweepAxis x, SweepAxis y, bool isGrowing)
    {
        plot.Axes.Bottom.TickGenerator = new NumericManual([.. x.Values.Select((v, i) => new Tick(i, v))]);
        plot.Axes.Left.TickGenerator = new NumericManual([.. y.Values.Select((v, i) => new Tick(i, v))]);
        plot.Axes.SetLimits(-0.5, x.Values.Count - 0.5, -0.5, y.Values.Count - 0.5);
        plot.HideGrid();
        SweepPicture.Title(
            plot.Axes.Bottom.Label, x.Label + (isGrowing ? "  (↑ the queue grows all the time)" : ""));
        SweepPicture.Title(plot.Axes.Left.Label, y.Label);
        plot.Axes.Title.Label.Text = figure;
        plot.Axes.Title.Label.Bold = false;
        plot.Axes.Title.Label.FontSize = 16;
        plot.Layout.Fixed(new PixelPadding(Left, Right, 60, 40));
    }
}
