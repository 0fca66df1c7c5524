using ScottPlot;
using SkiaSharp;

namespace ServingSim.Report;

/// <summary>Plots below one another in one picture.</summary>
/// <param name="width">The width of all, in pixels.</param>
/// <param name="plots">The plots from the top, each with its height in pixels.</param>
internal sealed class Panels(int width, IReadOnlyList<(Plot Plot, int Height)> plots)
{
    private int Height => plots.Sum(p => p.Height);

    /// <summary>Writes the picture as PNG; leaves the stream open.</summary>
    public void WritePng(Stream stream)
    {
        using var surface = SKSurface.Create(new SKImageInfo(width, Height));
        Draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        data.SaveTo(stream);
    }

    /// <summary>Writes the picture as SVG, its text as text; leaves the stream open.</summary>
    public void WriteSvg(Stream stream)
    {
        using var canvas = SKSvgCanvas.Create(SKRect.Create(width, Height), stream);
        Draw(canvas);
    }

    private void Draw(SKCanvas canvas)
    {
        var top = 0;
        foreach (var (plot, height) in plots)
        {
            canvas.Save();
            canvas.ClipRect(new SKRect(0, top, width, top + height)); // a plot clears all that it may draw on
            plot.Render(canvas, new PixelRect(0, width, top + height, top));
            canvas.Restore();
            top += height;
        }
    }
}
