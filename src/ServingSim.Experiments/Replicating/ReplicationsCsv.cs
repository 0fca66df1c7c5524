using CsvHelper;
using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Replicating;

/// <summary>Writes what replications gave; numbers read back to the same bits, and are empty where undefined.</summary>
public static class ReplicationsCsv
{
    /// <summary>
    /// Writes <c>replications.csv</c>: one row a replication, one column a figure; closes the stream.
    /// </summary>
    public static void WriteRuns(Stream stream, ReplicatedRun run)
    {
        IReadOnlyList<string> names = run.Names;
        using CsvWriter csv = CsvFields.Open(stream, ["replication", "seed", .. names]);
        for (int i = 0; i < run.Runs.Count; i++)
        {
            csv.WriteField(i, default);
            csv.WriteField(ReplicatedRun.SeedOf(run.Scenario, i), default);
            foreach (string name in names)
            {
                CsvFields.Shortest(csv, run.Runs[i][name]);
            }

            csv.EndRecord();
        }
    }

    /// <summary>Writes <c>estimates.csv</c>: one row a figure; closes the stream.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="run">The replications.</param>
    /// <param name="band">Those with fast, predicted and slow steps; null where only the predicted were run.</param>
    public static void WriteEstimates(Stream stream, ReplicatedRun run, Banded<ReplicatedRun>? band = null)
    {
        string[] ends = band is null ? [] : ["mean_fast_steps", "mean_slow_steps"];
        using CsvWriter csv = CsvFields.Open(stream, ["figure", "runs", "mean", "half_width", "confidence", .. ends]);
        foreach (string name in run.Names)
        {
            Estimate? estimate = run.Of(name);
            csv.WriteField(name);
            csv.WriteField(estimate?.Runs ?? 0, default);
            CsvFields.Shortest(csv, estimate?.Mean);
            CsvFields.Shortest(csv, estimate?.HalfWidth);
            CsvFields.Shortest(csv, run.Scenario.Scenario.Replications.Confidence);
            if (band is not null)
            {
                CsvFields.Shortest(csv, band.Low.Of(name)?.Mean);
                CsvFields.Shortest(csv, band.High.Of(name)?.Mean);
            }

            csv.EndRecord();
        }
    }
}
