using ScottPlot;

namespace ServingSim.Report;

/// <summary>How panels with two numeric axes look, and their legend at the right.</summary>
internal static class PanelStyle
{
    public static void Apply(Plot plot, string x, string y)
    {
        foreach ((IAxis axis, string text) in new (IAxis, string)[] { (plot.Axes.Bottom, x), (plot.Axes.Left, y) })
        {
            axis.Label.Text = text;
            axis.Label.Bold = false;
            axis.Label.FontSize = 14;
        }

        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.1);
    }

    public static void ShowLegend(Plot plot)
    {
        var legend = plot.ShowLegend(Edge.Right);
        legend.Legend.OutlineWidth = 0;
        legend.Legend.ShadowColor = Colors.Transparent;
        legend.Legend.FontSize = 14;
    }
}
