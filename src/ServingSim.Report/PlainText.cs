using Spectre.Console;
using Spectre.Console.Rendering;

namespace ServingSim.Report;

/// <summary>Draws without colours, the same on every terminal.</summary>
internal static class PlainText
{
    /// <summary>The text of at most this many columns; no line ends in a space.</summary>
    public static string Of(IRenderable what, int columns)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = columns;
        console.Write(what);
        return string.Join('\n', text.ToString().Split('\n').Select(line => line.TrimEnd()));
    }
}
