using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace ServingSim.Experiments.Replicating;

/// <summary>A mean over independent runs, and how far from it the expected value may be.</summary>
/// <param name="Runs">In how many runs the figure was defined.</param>
/// <param name="Mean">The mean over those runs.</param>
/// <param name="HalfWidth">
/// Half of the confidence interval, by Student's t with one degree of freedom less than there are runs; null of one.
/// </param>
public readonly record struct Estimate(int Runs, double Mean, double? HalfWidth)
{
    /// <summary>The lower end of the interval; null of one run.</summary>
    public double? Low => Mean - HalfWidth;

    /// <summary>The upper end of the interval; null of one run.</summary>
    public double? High => Mean + HalfWidth;

    /// <summary>Whether the interval lies on one side of zero.</summary>
    public bool IsBeyondNoise => Math.Abs(Mean) > HalfWidth;

    /// <summary>
    /// The estimate of values of independent runs, those left out that are undefined; null if all are.
    /// </summary>
    /// <param name="values">One value a run.</param>
    /// <param name="confidence">The share of such intervals that hold the expected value, between 0 and 1.</param>
    public static Estimate? Of(IEnumerable<double?> values, double confidence)
    {
        double[] defined = [.. values.OfType<double>()];
        if (defined.Length == 0)
        {
            return null;
        }

        double mean = defined.Mean();
        if (defined.Length == 1)
        {
            return new Estimate(1, mean, null);
        }

        double t = StudentT.InvCDF(0, 1, defined.Length - 1, (1 + confidence) / 2);
        return new Estimate(
            defined.Length, mean, t * defined.StandardDeviation() / Math.Sqrt(defined.Length));
    }
}
