using ServingSim.Experiments.Distances;
using Spectre.Console;

namespace ServingSim.Report;

/// <summary>How far workloads are apart, as text in 100 columns.</summary>
public static class DistanceTable
{
    private const int Columns = 100;
    private const double Level = 0.95;

    /// <summary>Two traces.</summary>
    public static string Text(WorkloadComparison comparison)
    {
        Table measures = TextTable.Headed("measure", "figure", "A", "B", "distance");
        foreach (DistanceMeasure m in comparison.Distance.Measures)
        {
            TextTable.AddRow(
                measures, m.Name, m.Unit, Numbers.Digits(m.A), Numbers.Digits(m.B), Distance(m.Distance));
        }

        TextTable.AddRow(measures, "mean", "", "", "", Distance(comparison.Distance.Mean));
        string text = $"A {comparison.A}, {comparison.RowsA:N0} rows\nB {comparison.B}, {comparison.RowsB:N0} rows\n\n"
            + "Distances from 0 to 1: the greatest difference of the distribution functions; of joint lengths\n"
            + "that over quadrants; of autocorrelations their mean difference at 12 lags; of failures that of the\n"
            + "shares\n"
            + PlainText.Of(measures, Columns);
        if (comparison.TimeScale is not { } scale)
        {
            return text;
        }

        Table replayed = TextTable.Headed("replayed", "A", "B", "change");
        foreach (ReplayedFigure f in comparison.Replayed)
        {
            TextTable.AddRow(
                replayed, f.Name, Numbers.Digits(f.A), Numbers.Digits(f.B),
                f.Change is { } change ? Numbers.Signed(change) : Numbers.Undefined);
        }

        return $"{text}\nSimulations of both on one cluster, times divided by {Numbers.Digits(scale)}\n"
            + PlainText.Of(replayed, Columns);
    }

    /// <summary>Days that models made, against those held back.</summary>
    public static string Text(IReadOnlyList<HeldBackDays> services) => string.Join('\n', services.Select(Text));

    private static string Text(HeldBackDays days)
    {
        Table table = TextTable.Headed(
            "measure", ["real p50", "p95", .. days.Made.SelectMany(m => new[] { m.Model, "" })]);
        foreach ((string measure, IReadOnlyList<double> between) in days.Between)
        {
            double limit = Quantile(between, Level);
            TextTable.AddRow(
                table,
                [
                    measure, Distance(Quantile(between, 0.5)), Distance(limit),
                    .. days.Made.SelectMany(m => m.Distances.TryGetValue(measure, out IReadOnlyList<double>? made)
                        ? new[] { Distance(made.Average()), Against(made.Average(), limit) }
                        : [Numbers.Undefined, ""]),
                ]);
        }

        return $"{days.Service}: {days.Days.Count} workdays, each held back once; {days.Between.Values.First().Count} "
            + "pairs of real days.\nMean distances of made days to the one held back, and how they stand to the 95th "
            + $"percentile\nof those between real days\n{PlainText.Of(table, Columns)}";
    }

    /// <summary>A share of the rising values; a quantile between two of them.</summary>
    internal static double Quantile(IReadOnlyList<double> values, double probability)
    {
        double[] sorted = [.. values.Order()];
        double rank = (sorted.Length - 1) * probability;
        int low = (int)rank;
        return sorted[low] + ((sorted[Math.Min(low + 1, sorted.Length - 1)] - sorted[low]) * (rank - low));
    }

    private static string Against(double made, double limit) =>
        made <= limit ? "within" : limit > 0 ? $"x {made / limit:0.0}" : "beyond";

    private static string Distance(double? value) => value is { } number ? $"{number:0.000}" : Numbers.Undefined;
}
