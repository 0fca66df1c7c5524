using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads;

/// <summary>Where a workload ends, whichever comes first; without either it has no end but its own.</summary>
/// <param name="Duration">Only requests that arrive before this instant.</param>
/// <param name="Requests">At most so many requests.</param>
public readonly record struct WorkloadLimits(SimTime? Duration = null, long? Requests = null)
{
    /// <summary>Whether request <paramref name="index"/> (from 0), which arrives then, is within.</summary>
    public bool Allow(long index, SimTime arrival) =>
        !(index >= Requests) && !(arrival >= Duration);
}
