using ScottPlot;
using ScottPlot.TickGenerators;
using ServingSim.Experiments.Comparing;
using ServingSim.Experiments.Replicating;

namespace ServingSim.Report;

/// <summary>
/// A picture of a comparison: a panel for each figure, in it the mean of each variant with its confidence interval. The
/// scale begins at zero, so that distances are proportions, or its label says otherwise: it is logarithmic where means
/// lie far apart, and shares that are all near 1 are shown from below the least.
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
        Estimate[] estimates = [.. comparison.Variants.Select(v => v.Run.Of(figure)).OfType<Estimate>()];
        Scale scale = Scale.Of(figure, estimates);
        for (var i = 0; i < variants; i++)
        {
            double y = variants - 1 - i;
            names.Add(new Tick(y, comparison.Variants[i].Name));
            if (comparison.Variants[i].Run.Of(figure) is not { } estimate)
            {
                continue;
            }

            var color = i == 0 ? Colors.Black : Colors.C0;
            plot.Add.Marker(scale.At(estimate.Mean), y, MarkerShape.FilledCircle, 8, color);
            if (estimate is { Low: { } low, High: { } high })
            {
                plot.Add.Line(scale.At(low), y, scale.At(high), y).Color = color;
            }
        }

        plot.Axes.Left.TickGenerator = new NumericManual([.. names]);
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Axes.SetLimits(scale.From, scale.To, -0.6, variants - 0.4);
        if (scale.IsLog)
        {
            plot.Axes.Bottom.TickGenerator = new NumericManual(SweepAxis.RoundTicks(scale.From, scale.To));
        }

        plot.Axes.Bottom.Label.Text = figure + scale.Note;
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Bottom.Label.FontSize = 14;
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.1);
        plot.Layout.Fixed(new PixelPadding(270, 30, 56, 12));
        return plot;
    }

    /// <summary>Where values stand.</summary>
    /// <param name="From">The beginning of the axis.</param>
    /// <param name="To">Its end.</param>
    /// <param name="IsLog">Whether positions are decimal logarithms.</param>
    /// <param name="Note">What a reader has to know of the scale.</param>
    private sealed record Scale(double From, double To, bool IsLog, string Note)
    {
        private const double NearOne = 0.8;
        private const double Margin = 0.06;

        public static Scale Of(string figure, Estimate[] estimates)
        {
            double most = estimates.Select(e => e.High ?? e.Mean).DefaultIfEmpty().Max();
            double least = estimates.Select(e => e.Low ?? e.Mean).DefaultIfEmpty().Min();
            bool isShare = figure.EndsWith("attainment", StringComparison.Ordinal);
            if (isShare && least >= NearOne)
            {
                double from = Math.Floor((least - (Margin * (1 - least))) * 1000) / 1000;
                return new Scale(
                    Math.Min(from, 0.999), 1 + (Margin * (1 - from)), false, "  (the scale does not begin at 0)");
            }

            if (SweepPicture.IsFar([.. estimates.Select(e => e.Mean)]))
            {
                double from = Math.Log10(estimates.Min(e => e.Mean) / 2);
                return new Scale(from, Math.Log10(most * (1 + Margin)), true, "  (logarithmic scale)");
            }

            double end = most <= 0 ? 1 : isShare && most >= NearOne ? 1.02 : most * (1 + Margin);
            return new Scale(0, end, false, "");
        }

        /// <summary>The position of a value; the beginning for what lies below a logarithmic scale.</summary>
        public double At(double value) => !IsLog ? value : value <= 0 ? From : Math.Max(From, Math.Log10(value));
    }
}
