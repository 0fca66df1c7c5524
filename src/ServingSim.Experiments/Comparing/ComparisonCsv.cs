using CsvHelper;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Comparing;

/// <summary>Writes <c>comparison.csv</c>: one row a variant and figure, all figures of the runs.</summary>
public static class ComparisonCsv
{
    private static readonly string[] BandColumns = ["mean_fast_steps", "mean_slow_steps", "holds_in_band"];

    /// <summary>Writes the file and closes the stream.</summary>
    public static void Write(Stream stream, Comparison comparison)
    {
        bool hasBand = comparison.Baseline.Band is not null;
        using CsvWriter csv = CsvFields.Open(
            stream,
            [
                "variant", "figure", "runs", "mean", "half_width", "difference", "difference_half_width",
                "beyond_noise", .. hasBand ? BandColumns : [],
            ]);
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
                if (hasBand)
                {
                    CsvFields.Shortest(csv, variant.Band?.Low.Of(figure)?.Mean);
                    CsvFields.Shortest(csv, variant.Band?.High.Of(figure)?.Mean);
                    CsvFields.Flag(csv, comparison.HoldsInBand(variant, figure));
                }

                csv.EndRecord();
            }
        }
    }
}
