using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>Where the time of a completed request went; the parts add up to its end-to-end latency.</summary>
/// <param name="Queue">Arrival to first being scheduled, earlier attempts included.</param>
/// <param name="Prefill">From there to the first token, less what it was preempted.</param>
/// <param name="Transfer">
/// Of one that was handed over: from the end of its prefill until its KV was where it decodes, its wait for blocks
/// there included.
/// </param>
/// <param name="Decode">From there, or from the first token, to the last one, less what it was preempted.</param>
/// <param name="Preempted">Waiting again after having been preempted.</param>
public readonly record struct TimeSpent(
    SimTime Queue, SimTime Prefill, SimTime Transfer, SimTime Decode, SimTime Preempted)
{
    /// <summary>
    /// Of <see cref="Transfer"/>: until the decode replica set blocks aside for it; null without a transfer.
    /// </summary>
    public SimTime? TransferWait { get; init; }
}

/// <summary>The mean of <see cref="TimeSpent"/> over some completed requests, in ms.</summary>
/// <param name="QueueMs">Arrival to first being scheduled, earlier attempts included.</param>
/// <param name="PrefillMs">From there to the first token, less what requests were preempted.</param>
/// <param name="TransferMs">
/// From the end of prefill until the KV was where it was decoded, if elsewhere, waiting for blocks there included.
/// </param>
/// <param name="DecodeMs">From there, or from the first token, to the last one, less the same.</param>
/// <param name="PreemptedMs">Waiting again after having been preempted.</param>
public sealed record MeanTimeSpent(
    double QueueMs, double PrefillMs, double TransferMs, double DecodeMs, double PreemptedMs)
{
    /// <summary>
    /// Of <see cref="TransferMs"/>, until the decode replicas set blocks aside; null where no request was handed over.
    /// </summary>
    public double? TransferWaitMs { get; init; }
}
