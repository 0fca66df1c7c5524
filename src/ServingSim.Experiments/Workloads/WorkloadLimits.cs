using ServingSim.Experiments.Workloads.Arrivals;
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

    /// <summary>When item <paramref name="index"/> of an arrival process arrives; null where it is past.</summary>
    internal SimTime? NextAfter(SimTime previous, long index, IArrivals arrivals)
    {
        try
        {
            SimTime arrival = arrivals.NextAfter(previous, index);
            return Allow(index, arrival) ? arrival : null;
        }
        catch (ClockRangeException) when (Duration is not null)
        {
            // What is beyond the clock is beyond any duration
            return null;
        }
    }
}
