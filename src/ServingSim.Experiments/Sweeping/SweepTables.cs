using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Sweeping;

/// <summary>
/// The tables of a sweep. What a point sets is in a column named for its path (<c>scenario.</c> and the path where that
/// is one key alone); numbers read back to the same bits, and are empty where undefined.
/// </summary>
public static class SweepTables
{
    /// <summary>The files that tables can be in.</summary>
    public static IReadOnlyList<string> Files { get; } =
        ["points.csv", "points.parquet", "units.csv", "units.parquet"];

    /// <summary>
    /// Writes <c>points</c>, a row a point with the mean and the half-width of each figure, and <c>units</c>, a row a
    /// point and replication.
    /// </summary>
    public static void Write(ResultFolder folder, SweepResult result)
    {
        using (IRowWriter<SweepPoint> points = Points(result).Open(folder, result.Plan.Format))
        {
            foreach (SweepPoint point in result.Points)
            {
                points.Write(point);
            }
        }

        using IRowWriter<UnitRow> units = Units(result).Open(folder, result.Plan.Format);
        foreach (SweepPoint point in result.Points)
        {
            for (int i = 0; i < point.Units.Count; i++)
            {
                units.Write(new UnitRow(point, i));
            }
        }
    }

    private static Table<SweepPoint> Points(SweepResult result)
    {
        Table<SweepPoint> table = new Table<SweepPoint>("points").Integer("point", (in p) => p.Number);
        table = result.Plan.Paths.Aggregate(
            table, (t, path) => t.Text(Column(path), (in p) => Setting(p, path)));
        table = table.Integer("replications", (in p) => p.Units.Count)
            .Integer("growing_queues", (in p) => p.GrowingQueues);
        return result.Figures.Aggregate(table, (t, figure) => t
            .Number(figure, (in p) => p.Of(figure)?.Mean)
            .Number(figure + "_half_width", (in p) => p.Of(figure)?.HalfWidth));
    }

    private static Table<UnitRow> Units(SweepResult result)
    {
        Table<UnitRow> table = new Table<UnitRow>("units").Integer("point", (in u) => u.Point.Number);
        table = result.Plan.Paths.Aggregate(
            table, (t, path) => t.Text(Column(path), (in u) => Setting(u.Point, path)));
        table = table.Integer("replication", (in u) => u.Replication)
            .Integer("seed", (in u) => u.Unit.Seed)
            .Text("unit", (in u) => u.Unit.Unit)
            .Flag("queue_grows", (in u) => u.Unit.QueueGrows);
        return result.Figures.Aggregate(
            table, (t, figure) => t.Number(figure, (in u) => u.Unit.Figures[figure]));
    }

    private static string Setting(SweepPoint point, string path) =>
        point.Point.Settings.GetValueOrDefault(path) ?? "";

    /// <summary>No figure or other column has a name like this.</summary>
    private static string Column(string path) => path.Contains('.') ? path : "scenario." + path;

    private readonly record struct UnitRow(SweepPoint Point, int Replication)
    {
        internal UnitResult Unit => Point.Units[Replication];
    }
}
