using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// The instants of a client request, and the latencies that follow from them, as its client sees them.
/// </summary>
/// <param name="Arrival">When the client asked first.</param>
/// <param name="FirstScheduled">When a step first took it up; null if none did.</param>
/// <param name="FirstToken">When its first token came out; null if none did.</param>
/// <param name="LastToken">When its last token came out; null unless it completed.</param>
public readonly record struct RequestTimes(
    SimTime Arrival, SimTime? FirstScheduled, SimTime? FirstToken, SimTime? LastToken)
{
    /// <summary>Arrival to first being scheduled; waiting again after a preemption is not part of it.</summary>
    public SimTime? Queue => FirstScheduled - Arrival;

    /// <summary>Time to first token: arrival to first token.</summary>
    public SimTime? Ttft => FirstToken - Arrival;

    /// <summary>End-to-end latency: arrival to last token.</summary>
    public SimTime? EndToEnd => LastToken - Arrival;

    /// <summary>
    /// Time per output token in seconds, (end-to-end − TTFT) / (output tokens − 1); null unless the request completed
    /// with two tokens or more.
    /// </summary>
    public double? TpotSeconds(long outputTokens) =>
        outputTokens > 1 ? (LastToken - FirstToken)?.TotalSeconds / (outputTokens - 1) : null;
}
