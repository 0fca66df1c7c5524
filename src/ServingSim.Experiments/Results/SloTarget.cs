using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// Latency limits that a completed request meets or does not; any subset may be given, and all must hold (≤).
/// </summary>
/// <param name="TtftMs">Limit of the time to first token, in ms.</param>
/// <param name="TpotMs">Limit of the time per output token, in ms; a request of one output token meets it.</param>
/// <param name="E2elMs">Limit of the end-to-end latency, in ms.</param>
public sealed record SloTarget(double? TtftMs = null, double? TpotMs = null, double? E2elMs = null)
{
    /// <summary>
    /// Whether a request that completed at these instants is within every limit. Ticks decide: ties are met.
    /// </summary>
    public bool IsMetBy(in RequestTimes times, long outputTokens)
    {
        Check.That(times.LastToken is not null, "only a completed request can meet an SLO");
        return IsWithin(times.Ttft, TtftMs, 1)
            && IsWithin(times.EndToEnd, E2elMs, 1)
            && (outputTokens <= 1 || IsWithin(times.LastToken - times.FirstToken, TpotMs, outputTokens - 1));
    }

    /// <summary>
    /// Whether a request that has not completed by <paramref name="now"/> can still be within the limits of TTFT and
    /// end-to-end latency.
    /// </summary>
    public bool CanStillBeMetBy(in RequestTimes times, SimTime now) =>
        IsWithin(times.Ttft ?? now - times.Arrival, TtftMs, 1) && IsWithin(now - times.Arrival, E2elMs, 1);

    private static bool IsWithin(SimTime? span, double? limitMs, long gaps) =>
        limitMs is not { } limit
        || (span is { } value && value.Ticks <= (Int128)SimTime.FromMilliseconds(limit).Ticks * gaps);
}
