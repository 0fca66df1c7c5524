using System.Globalization;

namespace ServingSim.Experiments.Reproducing;

/// <summary>Cells of a <see cref="PackTable"/>; empty where undefined.</summary>
internal static class TableText
{
    internal static string Whole(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    internal static string Fixed(double? number, int decimals) =>
        number?.ToString("F" + decimals, CultureInfo.InvariantCulture) ?? "";
}
