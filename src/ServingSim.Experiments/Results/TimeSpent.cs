using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>Where the time of a completed request went; the parts add up to its end-to-end latency.</summary>
/// <param name="Queue">Arrival to first being scheduled, earlier attempts included.</param>
/// <param name="Prefill">From there to the first token, less what it was preempted.</param>
/// <param name="Decode">From there to the last token, less what it was preempted.</param>
/// <param name="Preempted">Waiting again after having been preempted.</param>
public readonly record struct TimeSpent(SimTime Queue, SimTime Prefill, SimTime Decode, SimTime Preempted);

/// <summary>The mean of <see cref="TimeSpent"/> over some completed requests, in ms.</summary>
/// <param name="QueueMs">Arrival to first being scheduled, earlier attempts included.</param>
/// <param name="PrefillMs">From there to the first token, less what requests were preempted.</param>
/// <param name="DecodeMs">From there to the last token, less what requests were preempted.</param>
/// <param name="PreemptedMs">Waiting again after having been preempted.</param>
public sealed record MeanTimeSpent(double QueueMs, double PrefillMs, double DecodeMs, double PreemptedMs);
