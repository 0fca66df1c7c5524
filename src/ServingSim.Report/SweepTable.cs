using System.Globalization;
using ServingSim.Experiments.Comparing;
using ServingSim.Experiments.Sweeping;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ServingSim.Report;

/// <summary>
/// A sweep as a person reads it: a row for each point, its figures as means and half-widths; several tables where
/// one would be too wide.
/// </summary>
public static class SweepTable
{
    private const int MostRows = 40;
    private const int Gap = 3;

    /// <summary>The sweep as plain text of at most this many columns.</summary>
    public static string Text(SweepResult result, int columns = 100)
    {
        SweepPoint[] points = [.. result.Points.Take(MostRows)];
        List<string[]> names =
        [
            ["point", .. points.Select(p => p.Number.ToString(CultureInfo.InvariantCulture))],
            .. result.Plan.Paths.Zip(
                Variation.ShortNames(result.Plan.Paths),
                (path, name) => (string[])[name, .. points.Select(p => SweepAxis.ValueOf(p, path))]),
        ];
        List<List<string[]>> tables = [];
        foreach (string figure in result.Plan.Figures)
        {
            string[] column = [figure, .. points.Select(p => Numbers.Interval(p.Of(figure)))];
            if (tables.Count == 0 || WidthOf([.. tables[^1], column]) > columns)
            {
                tables.Add([.. names]);
            }

            tables[^1].Add(column);
        }

        List<IRenderable> parts = [new Text(Heading(result)), .. tables.Select(Table)];
        if (result.Points.Count > MostRows)
        {
            parts.Add(new Text($" and {result.Points.Count - MostRows} more points, all in points\n"));
        }

        parts.AddRange(Growing(result));
        return PlainText.Of(new Rows(parts), columns);
    }

    private static string Heading(SweepResult result)
    {
        int least = result.Points.Min(p => p.Units.Count);
        int most = result.Points.Max(p => p.Units.Count);
        string runs = most == 1 ? "one run each, so without intervals"
            : least == most ? $"{most} replications each" : $"{least} to {most} replications each";
        string width = most == 1 ? "" : $"; ± is half a {100 * result.Points[0].Point.Confidence:0.##} % interval";
        return $" {result.Plan.Name}: {result.Points.Count} points, {runs}{width}\n";
    }

    private static Table Table(List<string[]> columns)
    {
        var table = TextTable.Headed(columns[0][0], [.. columns.Skip(1).Select(c => c[0])]);
        for (var row = 1; row < columns[0].Length; row++)
        {
            TextTable.AddRow(table, [.. columns.Select(c => c[row])]);
        }

        return table;
    }

    private static int WidthOf(List<string[]> columns) => columns.Sum(c => c.Max(cell => cell.Length) + Gap) + 1;

    private static IEnumerable<Text> Growing(SweepResult result)
    {
        int[] points = [.. result.Points.Where(SweepPicture.IsGrowing).Select(p => p.Number)];
        if (points.Length > 0)
        {
            yield return new Text(
                $" The queue grows as long as requests arrive at {(points.Length == 1 ? "point" : "points")} "
                + $"{string.Join(", ", points)}: there, latencies\n grow with the length of the run and say nothing "
                + "of the system\n");
        }
    }
}
