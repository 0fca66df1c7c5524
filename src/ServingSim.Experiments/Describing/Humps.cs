namespace ServingSim.Experiments.Describing;

/// <summary>
/// The most prominent hump of a histogram beside its highest, in counts of three neighbouring bins.
/// </summary>
/// <param name="Highest">The middle bin of the highest hump.</param>
/// <param name="Dip">That of the lowest place between the two.</param>
/// <param name="Second">That of the second hump.</param>
/// <param name="Depth">The counts at the dip as a share of those at the second hump.</param>
/// <param name="Score">
/// By how many standard deviations the two differ, were the counts Poisson. It is the largest of many: below 3 chance
/// alone may make such a hump.
/// </param>
public sealed record Humps(int Highest, int Dip, int Second, double Depth, double Score)
{
    private const double Least = 2;

    /// <summary>The second hump; null where none stands out by two standard deviations.</summary>
    internal static Humps? Of(int[] histogram)
    {
        // At the ends two bins count for three
        double[] sums =
        [
            .. histogram.Select((count, i) => i == 0 || i == histogram.Length - 1
                ? 1.5 * (count + (i == 0 ? histogram.ElementAtOrDefault(1) : histogram[i - 1]))
                : (double)histogram[i - 1] + count + histogram[i + 1]),
        ];
        if (sums.Length < 3)
        {
            return null;
        }

        int highest = Array.IndexOf(sums, sums.Max());
        Humps? best = null;
        int dip = highest;
        for (int i = highest + 1; i < sums.Length; i++)
        {
            Look(i);
        }

        dip = highest;
        for (int i = highest - 1; i >= 0; i--)
        {
            Look(i);
        }

        return best;

        void Look(int i)
        {
            dip = sums[i] < sums[dip] ? i : dip;
            double score = (sums[i] - sums[dip]) / Math.Sqrt(Math.Max(1, sums[i] + sums[dip]));
            if (score >= (best?.Score ?? Least))
            {
                best = new Humps(highest, dip, i, sums[dip] / sums[i], score);
            }
        }
    }
}
