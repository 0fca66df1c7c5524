using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>When the requests of an open-loop workload arrive, whatever becomes of them.</summary>
public interface IArrivals
{
    /// <summary>
    /// When request <paramref name="index"/> (from 0) arrives, given when the one before did, zero for the first.
    /// Throws <see cref="OverflowException"/> beyond the clock's range.
    /// </summary>
    SimTime NextAfter(SimTime previous, long index);
}
