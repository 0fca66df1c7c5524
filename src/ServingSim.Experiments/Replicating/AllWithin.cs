using System.Globalization;

namespace ServingSim.Experiments.Replicating;

/// <summary>
/// What to say where every request of every replication is within its SLO: the replications do not differ, so that an
/// interval over them has no width, though a rare miss may just not have occurred.
/// </summary>
public static class AllWithin
{
    /// <summary>
    /// The share that so many requests without a miss show at least: the lower end of the exact one-sided binomial
    /// interval (Clopper and Pearson 1934), as if requests were independent of one another. They are not, so that it is
    /// a bound from above on what can be known.
    /// </summary>
    /// <param name="requests">How many, at least one.</param>
    /// <param name="confidence">Of the interval, between 0 and 1.</param>
    public static double LowOf(double requests, double confidence) => Math.Pow(1 - confidence, 1 / requests);

    /// <summary>The sentence, without a full stop; null where some request is not within, or of a single run.</summary>
    /// <param name="runs">The replications.</param>
    /// <param name="confidence">Of the one-sided interval.</param>
    public static string? NoteOf(IReadOnlyList<RunFigures> runs, double confidence)
    {
        if (runs.Count < 2 || runs.Any(r => r["attainment"] != 1))
        {
            return null;
        }

        double requests = runs.Sum(r => Math.Round((r["request_goodput"] * r["duration"]) ?? 0));
        return requests < 1 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"all {requests:N0} requests of the replications are within the SLO, so that the interval has no width; ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"as independent ones they show a share of {100 * LowOf(requests, confidence):0.0###} % or more");
    }
}
