using System.Globalization;
using ServingSim.Experiments.Replicating;

namespace ServingSim.Report;

/// <summary>Numbers as tables and pictures show them.</summary>
internal static class Numbers
{
    public const string Undefined = "-";

    public static string Whole(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? Undefined;

    public static string Percent(double? share) =>
        share is { } value ? (100 * value).ToString("0.0", CultureInfo.InvariantCulture) + " %" : Undefined;

    /// <summary>"+8.6 %" or "-7.4 %".</summary>
    public static string Signed(double share) => (share > 0 ? "+" : "") + Percent(share);

    /// <summary>
    /// Three digits or more: nothing that a person compares is lost, nothing is longer than it need be.
    /// </summary>
    public static string Digits(double? value) => value is { } number ? Digits(number, Math.Abs(number)) : Undefined;

    /// <summary>"131 ± 4.20": the half-width with as many decimals as the mean.</summary>
    public static string Interval(Estimate? estimate) => estimate is not { } e ? Undefined
        : e.HalfWidth is { } half ? $"{Digits(e.Mean, Finer(e.Mean, half))} ± {Digits(half, Finer(e.Mean, half))}"
        : Digits(e.Mean);

    private static double Finer(double mean, double half) =>
        half == 0 ? Math.Abs(mean) : Math.Min(Math.Max(Math.Abs(mean), half), 10 * half);

    private static string Digits(double value, double size) => value.ToString(
        size switch { >= 100 => "N0", >= 10 => "N1", >= 1 => "N2", 0 => "0", >= 0.1 => "N3", _ => "0.####" },
        CultureInfo.InvariantCulture);
}
