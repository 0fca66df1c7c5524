using CsvHelper;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Comparing;

/// <summary>Writes <c>comparison.csv</c>: one row a variant and figure, all figures of the runs.</summary>
public static class ComparisonCsv
{
    /// <summary>Writes the file and closes the stream.</summary>
    public static void Write(Stream stream, Comparison comparison)
    {
        using CsvWriter csv = CsvFields.Open(
            stream, "variant", "figure", "runs", "mean", "half_width", "difference", "difference_half_width",
            "beyond_noise");
        foreach (ComparedVariant variant in comparison.Variants)
        {
            foreach (string figure in variant.Run.Names)
            {
                Estimate? mean = variant.Run.Of(figure);
                Estimate? difference = comparison.Difference(variant, figure);
                csv.WriteField(variant.Name);
                csv.WriteField(figure);
                csv.WriteField(mean?.Runs ?? 0, default);
                CsvFields.Shortest(csv, mean?.Mean);
                CsvFields.Shortest(csv, mean?.HalfWidth);
                CsvFields.Shortest(csv, difference?.Mean);
                CsvFields.Shortest(csv, difference?.HalfWidth);
                CsvFields.Flag(csv, difference?.IsBeyondNoise);
                csv.EndRecord();
            }
        }
    }
}
