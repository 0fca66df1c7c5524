using CsvHelper;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Planning;

/// <summary>Writes <c>goodput.csv</c>: one row a rate, ascending.</summary>
public static class GoodputCsv
{
    /// <summary>Writes the file and closes the stream.</summary>
    public static void Write(Stream stream, Goodput goodput)
    {
        using CsvWriter csv = CsvFields.Open(
            stream, "factor", "rate_per_s", "attainment", "attainment_low", "meets", "is_answer", "p99_ttft_ms",
            "p99_tpot_ms", "goodput_per_s", "queue_grows");
        foreach (GoodputPoint point in goodput.Points)
        {
            CsvFields.Shortest(csv, point.Factor);
            CsvFields.Shortest(csv, point.RatePerS);
            CsvFields.Shortest(csv, point.Attainment?.Mean);
            CsvFields.Shortest(csv, point.Low);
            CsvFields.Flag(csv, point.Meets);
            CsvFields.Flag(csv, point.Factor == goodput.Factor);
            CsvFields.Shortest(csv, point.Mean("p99_ttft_ms"));
            CsvFields.Shortest(csv, point.Mean("p99_tpot_ms"));
            CsvFields.Shortest(csv, point.RatePerS * point.Attainment?.Mean);
            CsvFields.Flag(csv, point.Trend is not null);
            csv.EndRecord();
        }
    }

    /// <summary>
    /// Writes <c>goodput_band.csv</c>, the answer with fast, predicted and slow steps; closes the stream.
    /// </summary>
    public static void WriteBand(Stream stream, Banded<Goodput> band)
    {
        using CsvWriter csv = CsvFields.Open(stream, "step_times", "factor", "rate_per_s", "is_unbounded");
        foreach ((string name, Goodput goodput) in band.Runs)
        {
            csv.WriteField(name);
            CsvFields.Shortest(csv, goodput.Factor);
            CsvFields.Shortest(csv, goodput.Answer?.RatePerS);
            CsvFields.Flag(csv, goodput.IsUnbounded);
            csv.EndRecord();
        }
    }
}
