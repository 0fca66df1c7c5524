namespace ServingSim.Experiments.Reproducing;

/// <summary>A picture of one or more panels, as what is drawn, not how.</summary>
/// <param name="Name">The name of its files, without folder and extension.</param>
/// <param name="Title">What it shows; drawn above the panels, with the data that it was made from.</param>
/// <param name="Panels">The panels, row by row.</param>
/// <param name="Columns">Panels side by side.</param>
public sealed record Picture(string Name, string Title, IReadOnlyList<Panel> Panels, int Columns = 1);

/// <summary>One pair of axes.</summary>
/// <param name="Title">What tells it from the others.</param>
/// <param name="X">The horizontal axis.</param>
/// <param name="Y">The vertical axis.</param>
/// <param name="Series">What is drawn, the first at the back; empty of a heat map.</param>
/// <param name="HeatMap">Cells of colour; null where series are drawn.</param>
public sealed record Panel(
    string Title, PlotAxis X, PlotAxis Y, IReadOnlyList<PlotSeries> Series, HeatMap? HeatMap = null);

/// <summary>An axis.</summary>
/// <param name="Label">What it is of, with its unit.</param>
/// <param name="From">Where it begins; null to fit what is drawn.</param>
/// <param name="To">Where it ends; null to fit what is drawn.</param>
/// <param name="IsLog">Whether it is logarithmic; of such an axis what is not positive is left out.</param>
/// <param name="Names">What stands at 0, 1, 2, … in place of numbers; null of numbers.</param>
/// <param name="TickEvery">The distance between ticks; null to choose.</param>
public sealed record PlotAxis(
    string Label, double? From = null, double? To = null, bool IsLog = false, IReadOnlyList<string>? Names = null,
    double? TickEvery = null);

/// <summary>Points that are drawn alike.</summary>
/// <param name="Label">What the legend calls it; empty to leave it out.</param>
/// <param name="Kind">How it is drawn.</param>
/// <param name="Points">Its points, x rising.</param>
/// <param name="Color">Which colour: series of one number have the same; null for the next one.</param>
public sealed record PlotSeries(
    string Label, SeriesKind Kind, IReadOnlyList<PlotPoint> Points, int? Color = null);

/// <summary>A point, or what stands at an x.</summary>
/// <param name="X">Where.</param>
/// <param name="Y">The value; of a box its median.</param>
/// <param name="Low">Of a box the lower whisker, of a band its lower edge, else the lower end of an error bar.</param>
/// <param name="High">The upper end, likewise.</param>
/// <param name="Q1">Of a box the lower quartile.</param>
/// <param name="Q3">Of a box the upper quartile.</param>
public readonly record struct PlotPoint(
    double X, double Y, double? Low = null, double? High = null, double? Q1 = null, double? Q3 = null);

/// <summary>How a series is drawn.</summary>
public enum SeriesKind
{
    /// <summary>A line, with error bars where points have them.</summary>
    Line,

    /// <summary>A line through points, with error bars where they have them.</summary>
    LineAndPoints,

    /// <summary>A dashed line.</summary>
    DashedLine,

    /// <summary>A line that keeps its height up to the next x.</summary>
    Steps,

    /// <summary>Points without a line, with error bars where they have them.</summary>
    Points,

    /// <summary>Bars from 0, with error bars where points have them; several series stand side by side.</summary>
    Bars,

    /// <summary>The area between low and high.</summary>
    Band,

    /// <summary>Boxes with whiskers.</summary>
    Boxes,
}

/// <summary>Cells of colour; the panel's axes name its columns and rows.</summary>
/// <param name="Cells">Rows from the top, each with its cells from the left; null of what is unknown.</param>
/// <param name="Unit">What a colour's number is.</param>
/// <param name="From">The number of the darkest colour.</param>
/// <param name="To">That of the brightest; greater ones are drawn the same, and their number is shown.</param>
public sealed record HeatMap(IReadOnlyList<IReadOnlyList<double?>> Cells, string Unit, double From, double To);
