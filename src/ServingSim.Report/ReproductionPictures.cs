using ScottPlot;
using ServingSim.Experiments.Reproducing;
using ServingSim.Experiments.Results;

namespace ServingSim.Report;

/// <summary>Draws the pictures of a reproduced figure as PNG and SVG.</summary>
public static class ReproductionPictures
{
    /// <summary>A picture as PNG.</summary>
    public const string Png = ".png";

    /// <summary>A picture as SVG.</summary>
    public const string Svg = ".svg";

    private const int Width = 1000;
    private const int WideCell = 580;
    private const int Height = 310;
    private const int NarrowCell = 430;
    private const int Left = 92;
    private const int Bottom = 50;

    /// <summary>Writes all pictures of a figure.</summary>
    public static void Write(ResultFolder folder, Comparison figure)
    {
        ReportFont.Register();
        foreach (Picture picture in figure.Made?.Pictures ?? [])
        {
            Write(folder, picture.Name + Png, (panels, stream) => panels.WritePng(stream));
            Write(folder, picture.Name + Svg, (panels, stream) => panels.WriteSvg(stream));

            // A plot is drawn once: what it measures of its text stays with it
            void Write(ResultFolder to, string name, Action<Panels, Stream> draw)
            {
                using Stream stream = to.OpenFile(name);
                draw(Sheet(picture, figure), stream);
            }
        }
    }

    /// <summary>What a picture says of the rows that it was made from.</summary>
    internal static string Origin(Comparison figure) => "Data: " + string.Join(
        "; ", figure.Data.Select(d =>
            $"{d.Section.Title}: {d.Origin}{(d.IsWhole ? "" : $", {d.DaysGiven} of {d.DaysWanted} days")}"));

    private static Panels Sheet(Picture picture, Comparison figure)
    {
        int width = picture.Columns switch { 1 => Width, 2 => WideCell, _ => NarrowCell };
        bool isBelow = picture.Columns > 1;
        int legend = isBelow ? picture.Panels.Max(p => PicturePanel.LegendHeight(p, width)) : 0;
        PixelPadding padding = picture.Panels.Any(p => p.HeatMap is not null) ? new(60, 124, Bottom, 36)
            : isBelow ? new(Left, 34, Bottom + legend, 36)
            : new(Left, picture.Panels.Any(PicturePanel.HasLegend) ? 290 : 34, Bottom, 36);
        Plot[] plots = [.. picture.Panels.Select(p => new PicturePanel(p, new Plot()).Draw(isBelow))];
        foreach (Plot plot in plots)
        {
            plot.Layout.Fixed(padding);
        }

        return Panels.Grid(
            [picture.Title, Origin(figure)], picture.Columns, (width, Height + legend), plots);
    }
}
