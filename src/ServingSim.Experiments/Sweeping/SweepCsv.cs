using CsvHelper;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Sweeping;

/// <summary>
/// Writes the tables of a sweep. What a point sets is in a column named for its path (<c>scenario.</c> and the path
/// where that is one key alone); numbers read back to the same bits, and are empty where undefined.
/// </summary>
public static class SweepCsv
{
    /// <summary>
    /// Writes <c>points.csv</c>: one row a point, with the mean and the half-width of each figure; closes the stream.
    /// </summary>
    public static void WritePoints(Stream stream, SweepResult result)
    {
        using CsvWriter csv = CsvFields.Open(
            stream,
            [
                "point", .. result.Plan.Paths.Select(Column), "replications", "growing_queues",
                .. result.Figures.SelectMany(f => new[] { f, f + "_half_width" }),
            ]);
        foreach ((int i, SweepPoint point) in result.Points.Index())
        {
            csv.WriteField(i + 1, default);
            WriteSettings(csv, result.Plan, point);
            csv.WriteField(point.Units.Count, default);
            csv.WriteField(point.GrowingQueues, default);
            foreach (string figure in result.Figures)
            {
                Estimate? estimate = point.Of(figure);
                CsvFields.Shortest(csv, estimate?.Mean);
                CsvFields.Shortest(csv, estimate?.HalfWidth);
            }

            csv.EndRecord();
        }
    }

    /// <summary>Writes <c>units.csv</c>: one row a point and replication; closes the stream.</summary>
    public static void WriteUnits(Stream stream, SweepResult result)
    {
        using CsvWriter csv = CsvFields.Open(
            stream,
            [
                "point", .. result.Plan.Paths.Select(Column), "replication", "seed", "unit", "queue_grows",
                .. result.Figures,
            ]);
        foreach ((int i, SweepPoint point) in result.Points.Index())
        {
            foreach ((int replication, UnitResult unit) in point.Units.Index())
            {
                csv.WriteField(i + 1, default);
                WriteSettings(csv, result.Plan, point);
                csv.WriteField(replication, default);
                csv.WriteField(unit.Seed, default);
                csv.WriteField(unit.Unit);
                CsvFields.Flag(csv, unit.QueueGrows);
                foreach (string figure in result.Figures)
                {
                    CsvFields.Shortest(csv, unit.Figures[figure]);
                }

                csv.EndRecord();
            }
        }
    }

    private static void WriteSettings(CsvWriter csv, SweepPlan plan, SweepPoint point)
    {
        foreach (string path in plan.Paths)
        {
            csv.WriteField(point.Point.Settings.GetValueOrDefault(path) ?? "");
        }
    }

    /// <summary>No figure or other column has a name like this.</summary>
    private static string Column(string path) => path.Contains('.') ? path : "scenario." + path;
}
