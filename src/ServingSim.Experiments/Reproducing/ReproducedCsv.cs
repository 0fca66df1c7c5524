using System.Globalization;
using CsvHelper;
using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Reproducing;

/// <summary>Writes what pictures show, the tables, and the numbers of all figures.</summary>
public static class ReproducedCsv
{
    /// <summary>The published numbers beside ours.</summary>
    public const string Numbers = "numbers.csv";

    /// <summary>What the names of its files end in.</summary>
    public const string Extension = ".csv";

    /// <summary>Writes all files of a pack.</summary>
    public static void Write(ResultFolder folder, ReproducedPack pack)
    {
        using (CsvWriter csv = CsvFields.Open(
            folder.OpenFile(Numbers), "figure", "verdict", "number", "unit", "published", "from", "ours", "ours_low",
            "ours_high", "outcome", "fitted"))
        {
            foreach (Comparison figure in pack.Figures)
            {
                foreach (ComparedNumber c in figure.Compared)
                {
                    csv.WriteRecord(
                    [
                        figure.Figure.Id, figure.Verdict.Kind.ToString(), c.Published.Number, c.Published.Unit,
                        N(c.Published.Value), c.Published.From.ToString(), N(c.Ours?.Value), N(c.Ours?.Low),
                        N(c.Ours?.High), c.Outcome.ToString(), c.Published.Fitted ? "1" : "0",
                    ]);
                }
            }
        }

        foreach (ReproducedFigure figure in pack.Figures.Select(f => f.Made).OfType<ReproducedFigure>())
        {
            foreach (PackTable table in figure.Tables)
            {
                using CsvWriter csv = CsvFields.Open(folder.OpenFile(table.Name + Extension), [.. table.Columns]);
                foreach (IReadOnlyList<string> row in table.Rows)
                {
                    csv.WriteRecord([.. row]);
                }
            }

            foreach (Picture picture in figure.Pictures)
            {
                using CsvWriter csv = CsvFields.Open(
                    folder.OpenFile(picture.Name + Extension), "panel", "series", "x", "y", "low", "q1", "q3", "high");
                foreach (string[] row in picture.Panels.SelectMany(p => p.HeatMap is null ? Points(p) : Cells(p)))
                {
                    csv.WriteRecord(row);
                }
            }
        }
    }

    private static IEnumerable<string[]> Points(Panel panel) => panel.Series.SelectMany(s => s.Points.Select(p => new[]
    {
        panel.Title, s.Label, NameOr(panel.X, p.X), N(p.Y), N(p.Low), N(p.Q1), N(p.Q3), N(p.High),
    }));

    /// <summary>A cell's column is its x, its row the series.</summary>
    private static IEnumerable<string[]> Cells(Panel panel) => panel.HeatMap!.Cells.SelectMany(
        (row, i) => row.Select((cell, j) => new[]
        {
            panel.Title, NameOr(panel.Y, i), NameOr(panel.X, j), N(cell), "", "", "", "",
        }));

    private static string NameOr(PlotAxis axis, double value) =>
        axis.Names is { } names && value >= 0 && value < names.Count ? names[(int)value] : N(value);

    /// <summary>Seven digits: the last ones of a sum may differ between processors.</summary>
    private static string N(double? value) => value?.ToString("G7", CultureInfo.InvariantCulture) ?? "";
}
