using ScottPlot;
using SkiaSharp;

namespace ServingSim.Report;

/// <summary>
/// The font that is shipped with the program, so that a picture is the same on every machine. ScottPlot draws no text
/// at all where no font is installed.
/// </summary>
internal sealed class ReportFont : IFontResolver
{
    /// <summary>A name that no installed font has.</summary>
    public const string Name = "ServingSim DejaVu Sans";

    /// <summary>The font itself, for text outside of plots.</summary>
    public static readonly SKTypeface Typeface = Load();

    static ReportFont()
    {
        Fonts.FontResolvers.Insert(0, new ReportFont());
        Fonts.Default = Name;
    }

    /// <summary>Makes this font ScottPlot's default; however often it is called, it is registered once.</summary>
    public static void Register() => System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(
        typeof(ReportFont).TypeHandle);

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Name ? Typeface : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? Typeface : null;

    private static SKTypeface Load()
    {
        using var stream = typeof(ReportFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
        return SKTypeface.FromStream(stream);
    }
}
