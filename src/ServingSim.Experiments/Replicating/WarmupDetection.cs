using MathNet.Numerics.Statistics;

namespace ServingSim.Experiments.Replicating;

/// <summary>
/// Finds where a series of window means (requests in the system, averaged over replications) has left its start behind.
/// </summary>
public static class WarmupDetection
{
    private const int BatchSize = 5;
    private const double WelchTolerance = 0.1;

    /// <summary>
    /// How many windows to leave out by MSER-5; null if the minimum lies in the second half of the series, so that the
    /// run is too short to tell.
    /// </summary>
    public static int? Mser5(IReadOnlyList<double> windows)
    {
        double[] batches = [.. windows.Chunk(BatchSize).Where(b => b.Length == BatchSize).Select(b => b.Mean())];
        (int Batches, double Error) best = (0, double.PositiveInfinity);

        // The last batches alone have a small variance by chance (Hoad, Robinson and Davies 2010)
        for (int left = 0; left < batches.Length - BatchSize; left++)
        {
            double[] rest = batches[left..];
            double error = rest.PopulationVariance() / rest.Length;
            best = error < best.Error ? (left, error) : best;
        }

        return best.Batches > batches.Length / 2 || batches.Length <= BatchSize ? null : best.Batches * BatchSize;
    }

    /// <summary>How many windows to leave out by Welch's moving average; null if it never settles in time.</summary>
    public static int? Welch(IReadOnlyList<double> windows)
    {
        int half = windows.Count / 2;
        if (half < 2 * BatchSize)
        {
            return null;
        }

        // The averaging window is a tenth of the series, narrower near its start as Welch has it
        int widest = windows.Count / 20;
        double level = windows.Skip(half).Mean();
        for (int i = 0; i < half; i++)
        {
            int reach = Math.Min(widest, i);
            double smooth = windows.Skip(i - reach).Take((2 * reach) + 1).Mean();
            if (Math.Abs(smooth - level) <= WelchTolerance * level)
            {
                return i;
            }
        }

        return null;
    }
}
