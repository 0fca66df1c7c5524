using ScottPlot;
using ScottPlot.TickGenerators;
using ServingSim.Experiments.Distances;

namespace ServingSim.Report;

/// <summary>A picture of two traces' distribution functions, one above the other.</summary>
public sealed class DistancePicture
{
    private const int Width = 1000;
    private const int Height = 300;
    private const int MostPoints = 2000;

    private static readonly (string Measure, string Axis, bool IsLog)[] Shown =
    [
        ("inter-arrivals", "gap (s, logarithmic)", true),
        ("windows' variation", "variation of gaps in 20 minutes", false),
        ("prompt tokens", "prompt tokens (logarithmic)", true),
        ("output tokens", "output tokens (logarithmic)", true),
    ];

    private readonly Panels _panels;

    /// <summary>Prepares the picture.</summary>
    public DistancePicture(WorkloadComparison comparison)
    {
        ReportFont.Register();
        _panels = new Panels(
            Width,
            [
                .. Shown.Where(s => comparison.CurvesOfA[s.Measure].Length + comparison.CurvesOfB[s.Measure].Length > 0)
                    .Select(s => (Panel(comparison, s.Measure, s.Axis, s.IsLog), Height)),
            ]);
    }

    /// <summary>Writes the picture as PNG; leaves the stream open.</summary>
    public void WritePng(Stream stream) => _panels.WritePng(stream);

    private static Plot Panel(WorkloadComparison comparison, string measure, string axis, bool isLog)
    {
        var plot = new Plot();
        PanelStyle.Apply(plot, axis, "share up to it (%)");
        plot.Axes.Title.Label.Text = comparison.Distance[measure].Distance is { } distance
            ? $"{measure}: distance {distance:0.000}"
            : measure;
        plot.Axes.Title.Label.Bold = false;
        plot.Axes.Title.Label.FontSize = 15;
        List<double> ends = [];
        foreach ((string name, double[] values, Color color) in new[]
        {
            ("A " + Path.GetFileName(comparison.A), comparison.CurvesOfA[measure], Colors.C0),
            ("B " + Path.GetFileName(comparison.B), comparison.CurvesOfB[measure], Colors.C1),
        })
        {
            if (values.Length == 0)
            {
                continue;
            }

            double least = isLog ? Math.Max(values[0], 0.01) : values[0];
            int points = Math.Min(MostPoints, values.Length);
            int[] places =
            [
                .. Enumerable.Range(0, points).Select(i => (int)((values.Length - 1L) * i / Math.Max(1, points - 1))),
            ];
            double[] xs = [.. places.Select(p => At(Math.Max(values[p], least)))];
            var line = plot.Add.ScatterLine(xs, places.Select(p => 100.0 * (p + 1) / values.Length).ToArray(), color);
            (line.LineWidth, line.LegendText) = (2, Short(name));
            ends.Add(xs[0]);
            ends.Add(At(values[(int)(0.999 * (values.Length - 1))]));
        }

        double margin = 0.02 * Math.Max(1e-3, ends.Max() - ends.Min());
        plot.Axes.SetLimits(ends.Min() - margin, ends.Max() + margin, 0, 101);
        if (isLog)
        {
            plot.Axes.Bottom.TickGenerator =
                new NumericManual(SweepAxis.RoundTicks(ends.Min() - margin, ends.Max() + margin));
        }

        PanelStyle.ShowLegend(plot);
        plot.Layout.Fixed(new PixelPadding(90, 280, 56, 40));
        return plot;

        double At(double value) => isLog ? Math.Log10(Math.Max(value, 0.01)) : value;
    }

    private static string Short(string name) => name.Length <= 28 ? name : name[..25] + "...";
}
