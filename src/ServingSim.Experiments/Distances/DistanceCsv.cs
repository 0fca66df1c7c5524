using CsvHelper;
using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Distances;

/// <summary>Writes distances; fields that are undefined are empty.</summary>
public static class DistanceCsv
{
    /// <summary>Writes <c>distances.csv</c>: one row a measure; closes the stream.</summary>
    public static void WriteMeasures(Stream stream, WorkloadComparison comparison)
    {
        using CsvWriter csv = CsvFields.Open(stream, "measure", "figure", "a", "b", "distance");
        foreach (DistanceMeasure measure in comparison.Distance.Measures)
        {
            csv.WriteField(measure.Name);
            csv.WriteField(measure.Unit);
            CsvFields.Shortest(csv, measure.A);
            CsvFields.Shortest(csv, measure.B);
            CsvFields.Shortest(csv, measure.Distance);
            csv.EndRecord();
        }
    }

    /// <summary>Writes <c>replayed.csv</c>: one row a figure of the simulations; closes the stream.</summary>
    public static void WriteReplayed(Stream stream, WorkloadComparison comparison)
    {
        using CsvWriter csv = CsvFields.Open(stream, "figure", "a", "b", "change");
        foreach (ReplayedFigure figure in comparison.Replayed)
        {
            csv.WriteField(figure.Name);
            CsvFields.Shortest(csv, figure.A);
            CsvFields.Shortest(csv, figure.B);
            CsvFields.Shortest(csv, figure.Change);
            csv.EndRecord();
        }
    }

    /// <summary>Writes <c>held_back.csv</c>: one row a service, measure and distance; closes the stream.</summary>
    public static void WriteHeldBack(Stream stream, IReadOnlyList<HeldBackDays> services)
    {
        using CsvWriter csv = CsvFields.Open(stream, "service", "model", "measure", "number", "distance");
        foreach (HeldBackDays service in services)
        {
            Write("real days", service.Between);
            foreach (MadeDays made in service.Made)
            {
                Write(made.Model, made.Distances);
            }

            void Write(string model, IReadOnlyDictionary<string, IReadOnlyList<double>> distances)
            {
                foreach ((string measure, IReadOnlyList<double> values) in distances)
                {
                    foreach ((int i, double value) in values.Index())
                    {
                        csv.WriteField(service.Service);
                        csv.WriteField(model);
                        csv.WriteField(measure);
                        csv.WriteField(i, default);
                        CsvFields.Shortest(csv, value);
                        csv.EndRecord();
                    }
                }
            }
        }
    }
}
