using System.Globalization;
using CsvHelper;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// Fields of our CSV files: numbers with fixed decimals, empty where undefined, lines that end in LF.
/// </summary>
internal static class CsvFields
{
    /// <summary>Decimals of a second that tell every tick.</summary>
    internal const int DecimalsOfTick = 11;

    private static readonly long[] PowersOfTen =
        [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

    /// <summary>A writer of UTF-8 with a header row; it owns the stream.</summary>
    public static CsvWriter Open(Stream stream, params string[] columns)
    {
        var csv = CsvWriter.Create(stream, CsvWriterOptions.Default with { NewLine = "\n" }, leaveOpen: false);
        csv.WriteRecord(columns);
        return csv;
    }

    /// <summary>Writes seconds (or a mean) rounded to at most 9 decimals; nothing for null.</summary>
    public static void Fixed(CsvWriter csv, double? value, int decimals)
    {
        if (value is not { } number)
        {
            csv.WriteField("");
            return;
        }

        Scaled(csv, Scaled(number, decimals), decimals);
    }

    /// <summary>The number that <see cref="Fixed"/> writes.</summary>
    public static double? Rounded(double? value, int decimals) =>
        value is { } number ? Scaled(number, decimals) / (double)PowersOfTen[decimals] : null;

    /// <summary>Writes a span exactly: seconds with all 11 decimals of a tick.</summary>
    public static void Exact(CsvWriter csv, SimTime time) => Scaled(csv, time.Ticks, DecimalsOfTick);

    /// <summary>Writes a span exactly: seconds with as many decimals as it takes.</summary>
    public static void Shortest(CsvWriter csv, SimTime time) =>
        csv.WriteField(Shortest(time, SimTime.TicksPerSecond));

    /// <summary>A span in units of so many ticks, with as many decimals as it takes.</summary>
    public static string Shortest(SimTime time, long ticksPerUnit) =>
        ((decimal)time.Ticks / ticksPerUnit).ToString("0.###########", CultureInfo.InvariantCulture);

    /// <summary>Writes a number with as many digits as it takes to read it back; nothing for null.</summary>
    public static void Shortest(CsvWriter csv, double? value) =>
        csv.WriteField(value?.ToString("R", CultureInfo.InvariantCulture) ?? "");

    /// <summary>Writes a flag as 1 or 0; nothing for null.</summary>
    public static void Flag(CsvWriter csv, bool? flag) => csv.WriteField(flag is { } set ? (set ? "1" : "0") : "");

    private static long Scaled(double number, int decimals) =>
        checked((long)Math.Round(number * PowersOfTen[decimals]));

    private static void Scaled(CsvWriter csv, long value, int decimals)
    {
        Span<byte> text = stackalloc byte[24];
        var at = text.Length;
        var rest = Math.Abs(value);
        for (var digit = 0; rest > 0 || digit <= decimals; digit++)
        {
            if (digit == decimals)
            {
                text[--at] = (byte)'.';
            }

            text[--at] = (byte)('0' + (rest % 10));
            rest /= 10;
        }

        if (value < 0)
        {
            text[--at] = (byte)'-';
        }

        csv.WriteField(text[at..]);
    }
}
