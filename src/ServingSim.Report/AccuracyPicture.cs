using ScottPlot;
using ScottPlot.TickGenerators;
using ServingSim.Experiments.Accuracy;

namespace ServingSim.Report;

/// <summary>
/// A picture of a result: predicted against measured latencies on logarithmic scales, with a band of ±10 %, and below
/// what share of each latency's errors is at most so large; there only of predictions, where there are any.
/// </summary>
public sealed class AccuracyPicture
{
    private const int Width = 780;
    private const double Band = 0.1;
    private const double MostError = 1;
    private static readonly string[] Latencies = ["ttft", "tpot", "itl", "e2el"];
    private static readonly Color[] Shades = [Colors.C0, Colors.C1, Colors.C2, Colors.C3];

    private readonly Panels _panels;

    /// <summary>Prepares the picture.</summary>
    public AccuracyPicture(AccuracyResult result)
    {
        ReportFont.Register();
        var predictions = FiguresOf(result.Predictions);
        var fitted = FiguresOf(result.Cases.Except(result.Predictions));
        _panels = new Panels(Width, [
            (Scatter(predictions, fitted), 640),
            (Distribution(predictions.Count > 0 ? predictions : fitted), 420),
        ]);
    }

    /// <summary>Whether there is anything to draw.</summary>
    public static bool HasLatencies(AccuracyResult result) => result.Cases
        .SelectMany(c => c.Figures)
        .Any(f => f.Predicted > 0 && Latencies.Contains(MetricOf(f.Figure)));

    /// <summary>Writes the picture as PNG; leaves the stream open.</summary>
    public void WritePng(Stream stream) => _panels.WritePng(stream);

    private static ILookup<string, ScoredFigure> FiguresOf(IEnumerable<CaseResult> cases) =>
        cases.SelectMany(c => c.Figures).ToLookup(f => MetricOf(f.Figure));

    private static string MetricOf(string figure) => figure.Split('_') is [_, var metric, "ms"] ? metric : figure;

    private static Plot Scatter(ILookup<string, ScoredFigure> figures, ILookup<string, ScoredFigure> fitted)
    {
        var plot = new Plot();
        (double Measured, double Predicted)[] inSample = [.. Latencies.SelectMany(metric => Points(fitted[metric]))];
        (double Measured, double Predicted)[] all =
            [.. Latencies.SelectMany(metric => Points(figures[metric])), .. inSample];
        double low = Math.Log10(all.Min(p => Math.Min(p.Measured, p.Predicted))) - 0.1;
        double high = Math.Log10(all.Max(p => Math.Max(p.Measured, p.Predicted))) + 0.1;
        (double up, double down) = (Math.Log10(1 + Band), Math.Log10(1 - Band));
        var band = plot.Add.Polygon(
        [
            new Coordinates(low, low + down), new Coordinates(high, high + down), new Coordinates(high, high + up),
            new Coordinates(low, low + up),
        ]);
        (band.FillColor, band.LineWidth, band.LegendText) = (Colors.Black.WithAlpha(0.08), 0, "±10 %");
        plot.Add.Line(low, low, high, high).Color = Colors.Black.WithAlpha(0.5);
        foreach ((int i, string metric) in Latencies.Index())
        {
            var points = Points(figures[metric]).ToArray();
            if (points.Length > 0)
            {
                var marks = plot.Add.Markers(
                    points.Select(p => Math.Log10(p.Measured)).ToArray(),
                    points.Select(p => Math.Log10(p.Predicted)).ToArray(), MarkerShape.OpenCircle, 7, Shades[i]);
                marks.LegendText = metric.ToUpperInvariant();
            }
        }

        if (inSample.Length > 0)
        {
            var marks = plot.Add.Markers(
                inSample.Select(p => Math.Log10(p.Measured)).ToArray(),
                inSample.Select(p => Math.Log10(p.Predicted)).ToArray(), MarkerShape.Cross, 7,
                Colors.Black.WithAlpha(0.5));
            marks.LegendText = "fitted on, no prediction";
        }

        plot.Axes.SetLimits(low, high, low, high);
        plot.Axes.Bottom.TickGenerator = PowersOfTen();
        plot.Axes.Left.TickGenerator = PowersOfTen();
        PanelStyle.Apply(plot, "measured (ms)", "predicted (ms)");
        plot.Layout.Fixed(new PixelPadding(100, 30, 60, 16));
        return plot;
    }

    private static Plot Distribution(ILookup<string, ScoredFigure> figures)
    {
        var plot = new Plot();
        foreach ((int i, string metric) in Latencies.Index())
        {
            double[] errors =
                [.. Points(figures[metric]).Select(p => Math.Abs((p.Predicted / p.Measured) - 1)).Order()];
            if (errors.Length > 0)
            {
                var line = plot.Add.Scatter(
                    errors.Select(e => 100 * Math.Min(e, MostError)).Prepend(0).ToArray(),
                    errors.Select((_, n) => 100.0 * (n + 1) / errors.Length).Prepend(0).ToArray());
                (line.Color, line.MarkerSize, line.LineWidth, line.ConnectStyle) =
                    (Shades[i], 0, 2, ConnectStyle.StepHorizontal);
                line.LegendText = metric.ToUpperInvariant();
            }
        }

        plot.Axes.SetLimits(0, 100 * MostError, 0, 102);
        PanelStyle.Apply(plot, "size of the error (%), at most 100", "share of the figures (%)");
        plot.Layout.Fixed(new PixelPadding(100, 30, 60, 16));
        return plot;
    }

    private static IEnumerable<(double Measured, double Predicted)> Points(IEnumerable<ScoredFigure> figures) =>
        figures.Where(f => f.Predicted > 0).Select(f => (f.Measured, f.Predicted!.Value));

    private static NumericAutomatic PowersOfTen() => new()
    {
        LabelFormatter = power => Numbers.Digits(Math.Pow(10, power)),
        MinorTickGenerator = new LogMinorTickGenerator(),
        IntegerTicksOnly = true,
    };
}
