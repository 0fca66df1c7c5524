using ScottPlot;
using ServingSim.Experiments.Planning;

namespace ServingSim.Report;

/// <summary>
/// A picture of the fleets that a plan found: cost against p99 TTFT, p99 TPOT and goodput. Those on the Pareto front of
/// all four are filled.
/// </summary>
public sealed class PlanPicture
{
    private const int Width = 1340;
    private const int Height = 300;
    private const int LongestName = 64;

    // Smaller and smaller, so that of fleets in one place each is seen
    private const int LargestMarker = 18;
    private const int SmallestMarker = 6;

    private readonly Panels _panels;

    /// <summary>Prepares the picture of a plan that found at least one fleet.</summary>
    public PlanPicture(PlanResult result)
    {
        ReportFont.Register();
        _panels = new Panels(
            Width,
            [
                (Panel(result.Fleets, "p99 TTFT (ms)", f => f.Mean("p99_ttft_ms")), Height),
                (Panel(result.Fleets, "p99 TPOT (ms)", f => f.Mean("p99_tpot_ms")), Height),
                (Panel(result.Fleets, "max goodput (requests/s)", f => f.Goodput), Height),
            ]);
    }

    /// <summary>Writes the picture as PNG; leaves the stream open.</summary>
    public void WritePng(Stream stream) => _panels.WritePng(stream);

    /// <summary>Writes the picture as SVG, its text as text; leaves the stream open.</summary>
    public void WriteSvg(Stream stream) => _panels.WriteSvg(stream);

    private static Plot Panel(IReadOnlyList<PlannedFleet> fleets, string label, Func<PlannedFleet, double?> value)
    {
        var plot = new Plot();
        var palette = new ScottPlot.Palettes.Category10();
        double most = 0;
        for (var i = 0; i < fleets.Count; i++)
        {
            if (value(fleets[i]) is not { } y)
            {
                continue;
            }

            var marker = plot.Add.Marker(
                fleets[i].CostPerHour, y, fleets[i].IsOnFront ? MarkerShape.FilledCircle : MarkerShape.OpenCircle,
                Math.Max(LargestMarker - (2 * i), SmallestMarker), palette.GetColor(i));
            string name = $"{i + 1}: {fleets[i].Replicas} x {fleets[i].Candidate.Name}";
            marker.LegendText = name.Length > LongestName ? name[..LongestName] + "…" : name;
            most = Math.Max(most, y);
        }

        double dearest = fleets.Max(f => f.CostPerHour);
        plot.Axes.SetLimits(0, dearest * 1.1, 0, most > 0 ? most * 1.15 : 1);
        PanelStyle.Apply(plot, "cost per hour (filled: on the Pareto front of all four)", label);
        plot.Layout.Fixed(new PixelPadding(90, 630, 56, 16));
        return plot;
    }
}
