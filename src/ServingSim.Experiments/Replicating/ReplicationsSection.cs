using ServingSim.Kernel;

namespace ServingSim.Experiments.Replicating;

/// <summary>
/// How often a scenario runs, each time with chance of its own: replication i, from 0, has seed + i, so that variants
/// share all draws that they do not change, and any replication can be repeated by <c>--seed</c>.
/// </summary>
/// <param name="Until">When to go on after the first replications; null for no more than those.</param>
/// <param name="Count">How many replications; the first ones, where <c>until</c> asks for more.</param>
/// <param name="Confidence">Of the intervals, between 0 and 1.</param>
/// <param name="Warmup">Where the scenario's warm-up comes from.</param>
public sealed record ReplicationsSection(
    PrecisionSection? Until = null,
    int Count = 1,
    double Confidence = 0.95,
    WarmupRule Warmup = WarmupRule.Given) : IValidated
{
    internal const int MostRuns = 100_000;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Count is < 1 or > MostRuns)
        {
            yield return (nameof(Count), $"found {Count}, expected 1 to {MostRuns}");
        }

        if (Until is not null && Count < 2)
        {
            yield return (nameof(Count), $"found {Count}, but a half-width needs at least 2 replications");
        }

        if (Until?.MaxCount < Count)
        {
            yield return (nameof(Until), $"max_count: found {Until.MaxCount}, expected at least count, {Count}");
        }

        if (!(Confidence is > 0 and < 1))
        {
            yield return (nameof(Confidence), $"found {Confidence}, expected a number between 0 and 1");
        }
    }
}

/// <summary>How precise an estimate has to become.</summary>
/// <param name="Metric">A figure of summary.json, as <c>p99_ttft_ms</c>.</param>
/// <param name="RelativeHalfWidth">Half of its confidence interval, as a share of its mean.</param>
/// <param name="MaxCount">The most replications; the result says if they did not suffice.</param>
public sealed record PrecisionSection(string Metric, double RelativeHalfWidth, int MaxCount = 100) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(RelativeHalfWidth > 0))
        {
            yield return (nameof(RelativeHalfWidth), $"found {RelativeHalfWidth}, expected more than 0");
        }

        if (MaxCount is < 2 or > ReplicationsSection.MostRuns)
        {
            yield return (
                nameof(MaxCount), $"found {MaxCount}, expected 2 to {ReplicationsSection.MostRuns}");
        }
    }
}

/// <summary>Where the end of a warm-up comes from.</summary>
public enum WarmupRule
{
    /// <summary>The scenario's <c>warmup</c>.</summary>
    Given,

    /// <summary>
    /// Detected: the truncation that minimises the marginal standard error of the mean, over batches of five windows of
    /// the requests in the system, averaged over the replications (MSER-5: White, Cobb and Spratt 2000).
    /// </summary>
    Mser5,

    /// <summary>
    /// Detected: where the moving average of the requests in the system, averaged over the replications, first comes
    /// within a tenth of what it is in the second half of the run (Welch 1983, his eye replaced by that rule).
    /// </summary>
    Welch,
}
