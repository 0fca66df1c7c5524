using ScottPlot;
using ServingSim.Experiments.Results;

namespace ServingSim.Report;

/// <summary>
/// A picture of <c>timeseries.csv</c>: requests per second, running and waiting requests, KV usage of each pool, and
/// time to first token (of several pools the longest), in panels that share the time axis. The same rows give the same
/// bytes.
/// </summary>
public sealed class TimeSeriesPicture
{
    private const int Width = 1200;
    private const int PanelHeight = 240;

    // Room for axis labels on the left, the legend on the right and, below the last panel, the time axis.
    private static readonly PixelPadding Inner = new(90, 170, 14, 14);
    private static readonly PixelPadding Last = new(90, 170, 52, 14);

    private readonly List<Plot> _panels = [];
    private readonly double[] _edges;
    private readonly TimeAxis _axis;

    /// <summary>Prepares the picture.</summary>
    /// <param name="rows">Rows of all pools, at least one; every pool has the same windows.</param>
    /// <param name="windowS">The length of a window, in seconds.</param>
    public TimeSeriesPicture(IReadOnlyList<TimeSeriesRecord> rows, double windowS)
    {
        ReportFont.Register();
        var windows = rows.GroupBy(r => r.StartS).OrderBy(g => g.Key).ToArray();
        _axis = TimeAxis.For(windows[^1].Key + windowS - windows[0].Key);
        _edges = [.. windows.Select(w => w.Key), windows[^1].Key + windowS];
        double[] Sum(Func<TimeSeriesRecord, double> value) => [.. windows.Select(w => w.Sum(value))];

        List<(string, double[])> rates =
        [
            ("arrived", Sum(r => (r.Arrived + r.Refused) / windowS)), ("completed", Sum(r => r.Completed / windowS)),
        ];
        if (rows.Any(r => r.Refused > 0))
        {
            rates.Add(("refused", Sum(r => r.Refused / windowS)));
        }

        AddPanel("requests/s", _edges, [.. rates]);
        AddPanel(
            "requests", _edges, ("running", Sum(r => r.RunningMean)), ("waiting", Sum(r => r.WaitingMean)));
        var pools = rows.GroupBy(r => r.Pool).OrderBy(g => g.Key, StringComparer.Ordinal);
        AddPanel(
            "KV cache usage (%)", _edges,
            [.. pools.Select(p => (p.Key, p.OrderBy(r => r.StartS).Select(r => 100 * r.KvCacheUsageMean).ToArray()))]);
        _panels[^1].Axes.SetLimitsY(0, 100);
        AddPanel(
            pools.Count() > 1 ? "TTFT, longest pool (s)" : "TTFT (s)", _edges,
            ("p50", [.. windows.Select(w => w.Max(r => r.TtftP50S) ?? double.NaN)]),
            ("p99", [.. windows.Select(w => w.Max(r => r.TtftP99S) ?? double.NaN)]));
        Arrange();
    }

    /// <summary>Writes the picture as PNG; leaves the stream open.</summary>
    public void WritePng(Stream stream) => Panels().WritePng(stream);

    /// <summary>Writes the picture as SVG, its text as text; leaves the stream open.</summary>
    public void WriteSvg(Stream stream) => Panels().WriteSvg(stream);

    private Panels Panels() => new(
        Width, [.. _panels.Select(p => (p, PanelHeight + (p == _panels[^1] ? (int)(Last.Bottom - Inner.Bottom) : 0)))]);

    // A value holds for its whole window, so a line is drawn as steps from edge to edge.
    private void AddPanel(string label, double[] edges, params (string Name, double[] Values)[] lines)
    {
        var plot = new Plot();
        plot.Axes.Left.Label.Text = label;
        plot.Axes.Left.Label.Bold = false;
        plot.Axes.Left.Label.FontSize = 14;
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.1);
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericFixedInterval(_axis.TickUnits);
        foreach (var (name, values) in lines)
        {
            var line = plot.Add.ScatterLine(edges.Select(t => t / _axis.UnitS).ToArray(), [.. values, values[^1]]);
            line.ConnectStyle = ConnectStyle.StepHorizontal;
            line.LineWidth = 1.5f;
            line.LegendText = name;
        }

        // Windows without a first token have no TTFT, and leave a gap
        var top = lines.Max(line => line.Values.Where(double.IsFinite).DefaultIfEmpty(0).Max());
        plot.Axes.SetLimitsY(0, top > 0 ? top * 1.08 : 1);
        _panels.Add(plot);
    }

    private void Arrange()
    {
        foreach (var panel in _panels)
        {
            panel.Axes.SetLimitsX(_edges[0] / _axis.UnitS, _edges[^1] / _axis.UnitS);
            panel.Layout.Fixed(panel == _panels[^1] ? Last : Inner);
            panel.Axes.Bottom.TickLabelStyle.IsVisible = panel == _panels[^1];
            var legend = panel.ShowLegend(Edge.Right);
            legend.Legend.OutlineWidth = 0;
            legend.Legend.ShadowColor = Colors.Transparent;
            legend.Legend.FontSize = 14;
        }

        var time = _panels[^1].Axes.Bottom.Label;
        time.Text = $"simulated time ({_axis.Unit})";
        time.Bold = false;
        time.FontSize = 14;
    }
}
