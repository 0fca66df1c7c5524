using ScottPlot;
using ServingSim.Experiments.Planning;

namespace ServingSim.Report;

/// <summary>
/// A picture of the fleets that a plan found: cost against p99 TTFT, p99 TPOT and goodput. Those on the Pareto front of
/// all four are filled.
/// </summary>
public sealed class PlanPicture
{
    private const int PanelWidth = 710;
    private const int PixelsOfLetter = 9;
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
        IReadOnlyList<PlannedFleet> fleets = result.Fleets;
        string[] names = [.. fleets.Select((f, i) => NameOf(i, f))];
        int right = 60 + (PixelsOfLetter * names.Max(n => n.Length));
        (Plot Plot, int Height)[] panels =
        [
            .. new (string Label, Func<PlannedFleet, double?> Value)[]
            {
                ("p99 TTFT (ms)", f => f.Mean("p99_ttft_ms")),
                ("p99 TPOT (ms)", f => f.Mean("p99_tpot_ms")),
                ("max goodput (requests/s)", f => f.Goodput),
            }
            .Where(panel => fleets.Any(f => panel.Value(f) is not null))
            .Select(panel => (Panel(fleets, names, panel.Label, panel.Value, right), Height)),
        ];
        PanelStyle.ShowLegend(panels[0].Plot);
        foreach ((Plot plot, _) in panels.Skip(1))
        {
            plot.HideLegend();
        }

        panels[^1].Plot.Axes.Bottom.Label.Text += " (filled: on the Pareto front of all figures)";
        _panels = new Panels(PanelWidth + right, panels);
    }

    /// <summary>Writes the picture as PNG; leaves the stream open.</summary>
    public void WritePng(Stream stream) => _panels.WritePng(stream);

    /// <summary>Writes the picture as SVG, its text as text; leaves the stream open.</summary>
    public void WriteSvg(Stream stream) => _panels.WriteSvg(stream);

    private static string NameOf(int index, PlannedFleet fleet)
    {
        string name = $"{index + 1}: {fleet.Replicas} x {fleet.Candidate.Name}";
        return name.Length > LongestName ? name[..LongestName] + "…" : name;
    }

    private static Plot Panel(
        IReadOnlyList<PlannedFleet> fleets, string[] names, string label, Func<PlannedFleet, double?> value, int right)
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
            marker.LegendText = names[i];
            most = Math.Max(most, y);
        }

        double dearest = fleets.Max(f => f.CostPerHour);
        plot.Axes.SetLimits(0, dearest * 1.1, 0, most > 0 ? most * 1.15 : 1);
        PanelStyle.Apply(plot, "cost per hour", label);
        plot.Layout.Fixed(new PixelPadding(90, right, 56, 16));
        return plot;
    }
}
