using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace ServingSim.Experiments.Replicating;

/// <summary>
/// Tells a queue that grows as long as requests arrive: its percentiles would be greater in a longer run, so they say
/// nothing of the system.
/// </summary>
/// <param name="Early">Mean number of waiting requests in the first quarter of the arrivals that count.</param>
/// <param name="Late">The same in the last quarter.</param>
public sealed record QueueTrend(double Early, double Late)
{
    private const int Batches = 20;
    private const int FewestArrivals = 5 * Batches;
    private const double Significance = 0.001;

    /// <summary>What to tell people of it.</summary>
    public string Note =>
        FormattableString.Invariant(
            $"the queue grows as long as requests arrive, from {Early:0.#} to {Late:0.#} waiting: ")
        + "latencies grow with the length of the run and say nothing of the system";

    /// <summary>The trend of several runs of the same fleet; null where none grows, or one has too few.</summary>
    public static QueueTrend? Of(IReadOnlyList<Replication> runs) =>
        runs.Count == 0 ? null : Of(Replication.MeanOf([.. runs.Select(r => r.Waiting)]));

    /// <summary>
    /// Means of the waiting requests in 20 equal parts of the arrivals; nothing of fewer than 100, in which a system
    /// hardly fills up.
    /// </summary>
    /// <param name="waiting">Waiting requests at arrivals, from the end of the warm-up on.</param>
    public static IReadOnlyList<double> BatchesOf(IReadOnlyList<int> waiting) => waiting.Count < FewestArrivals ? [] :
    [
        .. Enumerable.Range(0, Batches).Select(i => waiting
            .Take((i * waiting.Count / Batches)..((i + 1) * waiting.Count / Batches)).Average()),
    ];

    /// <summary>
    /// The trend, if the waiting requests grow: by a line through the batch means, or through the second half of them
    /// where a system fills up before its queue grows, whose slope is significant at 0.1 %; to at least one request and
    /// half as many again as in the beginning. A long queue stays long for a while, so that neighbours are alike by
    /// chance too: the slope's error counts as many independent means as their autocorrelation leaves,
    /// n (1 − r) / (1 + r).
    /// </summary>
    /// <param name="means">Batch means; none if there were too few arrivals.</param>
    public static QueueTrend? Of(IReadOnlyList<double> means)
    {
        if (means.Count == 0)
        {
            return null;
        }

        QueueTrend trend = new(means.Take(means.Count / 4).Mean(), means.TakeLast(means.Count / 4).Mean());
        bool grows = trend.Late >= 1 && trend.Late > 1.5 * trend.Early
            && (SlopeIsSignificant([.. means]) || SlopeIsSignificant([.. means.Skip(means.Count / 2)]));
        return grows ? trend : null;
    }

    private static bool SlopeIsSignificant(double[] means)
    {
        double[] numbers = Generate.LinearRange(0, 1, means.Length - 1);
        (double intercept, double slope) = Fit.Line(numbers, means);
        double[] residuals = [.. numbers.Zip(means, (x, y) => y - intercept - (slope * x))];
        double squares = residuals.Sum(r => r * r);
        double products = residuals.Zip(residuals.Skip(1), (a, b) => a * b).Sum();
        double alike = squares > 0 ? Math.Max(0, products / squares) : 0;
        double spread = numbers.PopulationVariance() * means.Length;
        double error = Math.Sqrt(squares / (means.Length - 2) / spread * (1 + alike) / (1 - alike));
        return slope > error * StudentT.InvCDF(0, 1, means.Length - 2, 1 - Significance);
    }
}
