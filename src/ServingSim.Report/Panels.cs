using System.Text;
using System.Text.RegularExpressions;
using ScottPlot;
using SkiaSharp;

namespace ServingSim.Report;

/// <summary>Plots below and beside one another in one picture.</summary>
internal sealed class Panels
{
    private const float HeadingSize = 17;
    private const float LineSize = 13;
    private const float LineHeight = 1.5f;
    private const float Margin = 14;
    private const int Gutter = 18;

    private static readonly Regex Ids = new(@"(?<=(\bid=""|url\(#|href=""#))[^"")]+");

    private readonly int _width;
    private readonly int _height;
    private readonly IReadOnlyList<(Plot Plot, PixelRect Place)> _plots;
    private readonly IReadOnlyList<(string Text, float Size)> _heading;

    /// <summary>Plots below one another.</summary>
    /// <param name="width">The width of all, in pixels.</param>
    /// <param name="plots">The plots from the top, each with its height in pixels.</param>
    public Panels(int width, IReadOnlyList<(Plot Plot, int Height)> plots)
    {
        List<(Plot, PixelRect)> placed = [];
        var top = 0;
        foreach (var (plot, height) in plots)
        {
            placed.Add((plot, new PixelRect(0, width, top + height, top)));
            top += height;
        }

        (_width, _height, _plots, _heading) = (width, top, placed, []);
    }

    private Panels(
        int width, int height, IReadOnlyList<(Plot, PixelRect)> plots, IReadOnlyList<(string, float)> heading) =>
        (_width, _height, _plots, _heading) = (width, height, plots, heading);

    /// <summary>Plots in rows of equal cells, below lines of text.</summary>
    /// <param name="heading">The lines, the first the largest.</param>
    /// <param name="columns">Plots in a row.</param>
    /// <param name="cell">Width and height of a plot, in pixels.</param>
    /// <param name="plots">The plots, row by row.</param>
    public static Panels Grid(
        IReadOnlyList<string> heading, int columns, (int Width, int Height) cell, IReadOnlyList<Plot> plots)
    {
        int width = columns * cell.Width;
        (string Text, float Size)[] lines = Lines(heading, width);
        int top = HeightOf(lines);
        int rows = (plots.Count + columns - 1) / columns;
        return new Panels(
            width, top + (rows * cell.Height),
            [
                .. plots.Index().Select(p =>
                {
                    (int left, int above) =
                        (p.Index % columns * cell.Width, top + (p.Index / columns * cell.Height));
                    return (p.Item, new PixelRect(
                        left + (Gutter / 2), left + cell.Width - Gutter, above + cell.Height - (Gutter / 2), above));
                }),
            ],
            lines);
    }

    /// <summary>The same plots below lines of text, the first the largest.</summary>
    public Panels Under(params IReadOnlyList<string> heading)
    {
        (string Text, float Size)[] lines = Lines(heading, _width);
        int top = HeightOf(lines);
        return new Panels(
            _width, _height + top,
            [
                .. _plots.Select(p => (p.Plot, new PixelRect(
                    p.Place.Left, p.Place.Right, p.Place.Bottom + top, p.Place.Top + top))),
            ],
            lines);
    }

    /// <summary>Writes the picture as PNG; leaves the stream open.</summary>
    public void WritePng(Stream stream)
    {
        using var surface = SKSurface.Create(new SKImageInfo(_width, _height));
        Draw(surface.Canvas);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        data.SaveTo(stream);
    }

    /// <summary>Writes the picture as SVG, its text as text; leaves the stream open.</summary>
    public void WriteSvg(Stream stream)
    {
        using var drawn = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(SKRect.Create(_width, _height), drawn))
        {
            Draw(canvas);
        }

        // Skia numbers what it clips on through a whole process; a picture must not tell of those before it
        Dictionary<string, string> ids = [];
        string svg = Ids.Replace(Encoding.UTF8.GetString(drawn.ToArray()), id =>
        {
            ids.TryAdd(id.Value, $"id_{ids.Count}");
            return ids[id.Value];
        });
        stream.Write(Encoding.UTF8.GetBytes(svg));
    }

    private void Draw(SKCanvas canvas)
    {
        DrawHeading(canvas);
        foreach ((Plot plot, PixelRect place) in _plots)
        {
            canvas.Save();
            // A plot clears all that it may draw on
            canvas.ClipRect(new SKRect(place.Left, place.Top, place.Right, place.Bottom));
            plot.Render(canvas, place);
            canvas.Restore();
        }
    }

    private void DrawHeading(SKCanvas canvas)
    {
        if (_heading.Count == 0)
        {
            return;
        }

        using var ground = new SKPaint { Color = SKColors.White };
        canvas.DrawRect(0, 0, _width, _height, ground);
        using var ink = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        float baseline = Margin / 2;
        foreach ((string text, float size) in _heading)
        {
            using var font = new SKFont(ReportFont.Typeface, size);
            baseline += LineHeight * size;
            canvas.DrawText(text, Margin, baseline, SKTextAlign.Left, font, ink);
        }
    }

    private static (string Text, float Size)[] Lines(IReadOnlyList<string> heading, int width) =>
    [
        .. heading.Index().SelectMany(h => Wrapped(h.Item, h.Index == 0 ? HeadingSize : LineSize, width)),
    ];

    private static int HeightOf((string Text, float Size)[] lines) =>
        lines.Length == 0 ? 0 : (int)((2 * Margin) + lines.Sum(l => LineHeight * l.Size));

    /// <summary>A text in as many lines as it takes.</summary>
    private static IEnumerable<(string Text, float Size)> Wrapped(string text, float size, int width)
    {
        using var font = new SKFont(ReportFont.Typeface, size);
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && font.MeasureText($"{line} {word}") > width - (2 * Margin))
            {
                yield return (line, size);
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return (line, size);
    }
}
