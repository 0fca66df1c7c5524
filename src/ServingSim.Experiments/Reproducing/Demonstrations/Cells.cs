using System.Globalization;
using ServingSim.Experiments.Replicating;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>Numbers as the tables of demonstrations show them.</summary>
internal static class Cells
{
    /// <summary>"131 ± 4": the half-width with as many decimals as the mean; empty where undefined.</summary>
    internal static string Interval(Estimate? estimate, double times = 1)
    {
        if (estimate is not { } e)
        {
            return "";
        }

        double half = times * (e.HalfWidth ?? 0);
        int decimals = Decimals(half == 0 ? times * e.Mean : half);
        return e.HalfWidth is null ? Number(times * e.Mean, decimals)
            : $"{Number(times * e.Mean, decimals)} ± {Number(half, decimals)}";
    }

    /// <summary>A factor with its interval, "×1.52 (1.31 … 1.77)", of its natural logarithm.</summary>
    internal static string Factor(Estimate? log) => log is not { } e ? ""
        : e.HalfWidth is null ? $"×{Number(Math.Exp(e.Mean), 2)}"
        : $"×{Number(Math.Exp(e.Mean), 2)} ({Number(Math.Exp(e.Low!.Value), 2)} … "
            + $"{Number(Math.Exp(e.High!.Value), 2)})";

    /// <summary>A number with so many decimals.</summary>
    internal static string Number(double value, int decimals) =>
        Math.Round(value, decimals).ToString("F" + decimals, CultureInfo.InvariantCulture);

    /// <summary>A number of ours with its interval.</summary>
    internal static OurNumber Ours(string name, Estimate? estimate, double times = 1) => new(
        name, times * estimate?.Mean, times * estimate?.Low, times * estimate?.High);

    /// <summary>A point with the interval as its error bar.</summary>
    internal static PlotPoint Point(double x, Estimate? estimate, double times = 1) => estimate is { } e
        ? new PlotPoint(x, times * e.Mean, times * e.Low, times * e.High)
        : new PlotPoint(x, double.NaN);

    /// <summary>Two digits of the half-width.</summary>
    private static int Decimals(double of) =>
        of == 0 || !double.IsFinite(of) ? 0 : Math.Clamp(1 - (int)Math.Floor(Math.Log10(Math.Abs(of))), 0, 4);
}
