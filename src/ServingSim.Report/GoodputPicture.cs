using ScottPlot;
using ServingSim.Experiments.Planning;

namespace ServingSim.Report;

/// <summary>
/// A picture of a search for the max goodput: the share of requests within the SLO against the rate, with its lower
/// end, the target and the answer.
/// </summary>
public sealed class GoodputPicture
{
    private const int Width = 1000;
    private const int Height = 480;

    private readonly Panels _panels;

    /// <summary>Prepares the picture.</summary>
    public GoodputPicture(Goodput goodput)
    {
        ReportFont.Register();
        var plot = new Plot();
        GoodputPoint[] points = [.. goodput.Points.Where(p => p.Attainment is not null)];
        double[] rates = [.. points.Select(p => p.RatePerS)];
        var low = plot.Add.Scatter(rates, points.Select(p => 100 * p.Low!.Value).ToArray());
        (low.Color, low.LinePattern, low.MarkerSize, low.LegendText) =
            (Colors.C0, LinePattern.Dashed, 0, "its lower end");
        var mean = plot.Add.Scatter(rates, points.Select(p => 100 * p.Attainment!.Value.Mean).ToArray());
        (mean.Color, mean.LineWidth, mean.MarkerSize, mean.LegendText) = (Colors.C0, 2, 7, "mean");
        GoodputPoint[] growing = [.. points.Where(p => p.Trend is not null)];
        if (growing.Length > 0)
        {
            var marks = plot.Add.Markers(
                growing.Select(p => p.RatePerS).ToArray(),
                growing.Select(p => 100 * p.Attainment!.Value.Mean).ToArray(),
                MarkerShape.OpenCircle, 14, Colors.C3);
            marks.LegendText = "the queue grows";
        }

        var target = plot.Add.HorizontalLine(100 * goodput.Target, 1.5f, Colors.Black, LinePattern.Dotted);
        target.LegendText = "target";
        if (goodput.Answer is { } answer)
        {
            var line = plot.Add.VerticalLine(answer.RatePerS, 1.5f, Colors.C2);
            line.LegendText = $"{Numbers.Digits(answer.RatePerS)} requests/s";
        }

        double least = Math.Min(points.Min(p => p.Low!.Value), goodput.Target);
        plot.Axes.SetLimits(0, rates.Max() * 1.05, Math.Max(0, 100 * least) - 3, 103);
        PanelStyle.Apply(plot, "requests/s", "within the SLO (%)");
        PanelStyle.ShowLegend(plot);
        plot.Layout.Fixed(new PixelPadding(90, 200, 60, 16));
        _panels = new Panels(Width, [(plot, Height)]);
    }

    /// <summary>Writes the picture as PNG; leaves the stream open.</summary>
    public void WritePng(Stream stream) => _panels.WritePng(stream);

    /// <summary>Writes the picture as SVG, its text as text; leaves the stream open.</summary>
    public void WriteSvg(Stream stream) => _panels.WriteSvg(stream);
}
