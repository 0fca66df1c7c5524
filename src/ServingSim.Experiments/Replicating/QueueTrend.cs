using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace ServingSim.Experiments.Replicating;

/// <summary>
/// Tells a queue that grows as long as requests arrive: its percentiles would be greater in a longer run, so they say
/// nothing of the system.
/// </summary>
/// <param name="Early">Mean number of waiting requests in the first quarter of the time that counts.</param>
/// <param name="Late">The same in the last quarter.</param>
public sealed record QueueTrend(double Early, double Late)
{
    private const int MostBatches = 20;
    private const int FewestBatches = 8;
    private const double Significance = 0.001;

    /// <summary>
    /// The trend, if the waiting requests grow: by a line through 20 batch means (the windows themselves where there
    /// are 8 to 19, too few to tell below that) whose slope is significant at 0.1 %,
    /// to at least one request and half as many again as in the beginning.
    /// </summary>
    /// <param name="waiting">Window means of waiting requests, from the end of the warm-up to the last arrival.</param>
    public static QueueTrend? Of(IReadOnlyList<double> waiting)
    {
        int batches = Math.Min(MostBatches, waiting.Count);
        if (batches < FewestBatches)
        {
            return null;
        }

        double[] means = [.. waiting.Chunk(waiting.Count / batches).Take(batches).Select(b => b.Mean())];
        QueueTrend trend = new(means.Take(batches / 4).Mean(), means.TakeLast(batches / 4).Mean());
        return trend.Late >= 1 && trend.Late > 1.5 * trend.Early && SlopeIsSignificant(means) ? trend : null;
    }

    private static bool SlopeIsSignificant(double[] means)
    {
        double[] numbers = Generate.LinearRange(0, 1, means.Length - 1);
        (double intercept, double slope) = Fit.Line(numbers, means);
        double residuals = numbers.Zip(means, (x, y) => y - intercept - (slope * x)).Sum(r => r * r);
        double spread = numbers.PopulationVariance() * means.Length;
        double error = Math.Sqrt(residuals / (means.Length - 2) / spread);
        return slope > error * StudentT.InvCDF(0, 1, means.Length - 2, 1 - Significance);
    }
}
