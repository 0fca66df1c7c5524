using System.Globalization;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>Durations as people write them: a decimal number and its unit, such as 10ms, 1.5s, 20m, 1h, 213d.</summary>
public static class Duration
{
    /// <summary>What a duration looks like, for help and errors.</summary>
    internal const string Expected = "a duration such as 10ms, 1.5s, 20m, 1h, 213d";

    private const int MostDigits = 28;

    private static readonly (string Name, long Ticks)[] Units =
    [
        ("ns", SimTime.TicksPerSecond / 1_000_000_000),
        ("us", SimTime.TicksPerSecond / 1_000_000),
        ("ms", SimTime.TicksPerSecond / 1_000),
        ("s", SimTime.TicksPerSecond),
        ("m", SimTime.TicksPerSecond * 60),
        ("h", SimTime.TicksPerSecond * 3_600),
        ("d", SimTime.TicksPerSecond * 86_400),
    ];

    /// <summary>The regular expression of a duration's text.</summary>
    internal static string Pattern { get; } =
        $"^(0|[1-9][0-9]*)(\\.[0-9]+)?({string.Join('|', Units.Select(u => u.Name))})$";

    /// <summary>The duration that <paramref name="text"/> says, exactly.</summary>
    /// <returns>Null where it was understood; otherwise what was expected instead.</returns>
    public static string? TryParse(string text, out SimTime duration)
    {
        duration = SimTime.Zero;
        string number = text.TrimEnd("abcdefghijklmnopqrstuvwxyz".ToCharArray());
        long unit = Array.Find(Units, u => u.Name == text[number.Length..]).Ticks;
        bool isNegative = number.StartsWith('-');
        if (unit == 0 || !ScalarText.IsDecimal(isNegative ? number[1..] : number))
        {
            return Expected;
        }

        if (isNegative)
        {
            return "a duration of 0s or more";
        }

        if (number.Length > MostDigits)
        {
            return $"a duration of at most {MostDigits} digits";
        }

        decimal count = decimal.Parse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        if (count > (decimal)long.MaxValue / unit)
        {
            return "a duration of at most 1067d";
        }

        decimal ticks = count * unit;
        duration = new SimTime((long)ticks);
        return ticks == duration.Ticks ? null : "a duration that is a multiple of 0.01ns";
    }

    /// <summary>The shortest text that <see cref="TryParse"/> reads as this duration, which is not negative.</summary>
    public static string Format(SimTime duration)
    {
        string shortest = "";
        foreach ((string name, long ticks) in Units)
        {
            string text = ((decimal)duration.Ticks / ticks).ToString("0.############################") + name;
            if ((shortest.Length == 0 || text.Length < shortest.Length)
                && TryParse(text, out SimTime read) is null && read == duration)
            {
                shortest = text;
            }
        }

        return shortest;
    }
}
