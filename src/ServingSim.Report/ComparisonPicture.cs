using ScottPlot;
using ScottPlot.TickGenerators;
using ServingSim.Experiments.Comparing;

namespace ServingSim.Report;

/// <summary>
/// A picture of a comparison: a panel for each figure, in it the mean of each variant with its confidence interval. The
/// scale begins at zero, so that distances are proportions.
/// </summary>
public sealed class ComparisonPicture
{
    private const int Width = 1000;
    private const int RowHeight = 26;
    private const int Frame = 84;

    private readonly Panels _panels;

    /// <summary>Prepares the picture.</summary>
    public ComparisonPicture(Comparison comparison)
    {
        ReportFont.Register();
        int height = Frame + (RowHeight * comparison.Variants.Count);
        _panels = new Panels(Width, [.. comparison.Figures.Select(f => (Panel(comparison, f), height))]);
    }

    /// <summary>Writes the picture as PNG; leaves the stream open.</summary>
    public void WritePng(Stream stream) => _panels.WritePng(stream);

    private static Plot Panel(Comparison comparison, string figure)
    {
        var plot = new Plot();
        int variants = comparison.Variants.Count;
        List<Tick> names = [];
        double most = 0;
        for (var i = 0; i < variants; i++)
        {
            double y = variants - 1 - i;
            names.Add(new Tick(y, comparison.Variants[i].Name));
            if (comparison.Variants[i].Run.Of(figure) is not { } estimate)
            {
                continue;
            }

            var color = i == 0 ? Colors.Black : Colors.C0;
            plot.Add.Marker(estimate.Mean, y, MarkerShape.FilledCircle, 8, color);
            if (estimate is { Low: { } low, High: { } high })
            {
                plot.Add.Line(low, y, high, y).Color = color;
            }

            most = Math.Max(most, estimate.High ?? estimate.Mean);
        }

        plot.Axes.Left.TickGenerator = new NumericManual([.. names]);
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Axes.SetLimits(0, most > 0 ? most * 1.06 : 1, -0.6, variants - 0.4);
        plot.Axes.Bottom.Label.Text = figure;
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Bottom.Label.FontSize = 14;
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.1);
        plot.Layout.Fixed(new PixelPadding(270, 30, 56, 12));
        return plot;
    }
}
