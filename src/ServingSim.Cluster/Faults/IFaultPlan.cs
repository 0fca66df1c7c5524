using ServingSim.Kernel;

namespace ServingSim.Cluster.Faults;

/// <summary>When faults strike, and how long they last.</summary>
public interface IFaultPlan
{
    /// <summary>The next fault of a replica; null if there is none any more.</summary>
    /// <param name="replica">The replica's place among all of the cluster.</param>
    /// <param name="failure">How many faults of this plan it has had.</param>
    /// <param name="since">When the last of them was over; 0 before the first.</param>
    FaultTimes? Next(int replica, int failure, SimTime since);

    /// <summary>Why faults that are known so long before could overlap; null if they cannot.</summary>
    string? Overlap(SimTime notice) => null;
}

/// <summary>When a fault strikes.</summary>
/// <param name="At">When it is known: when it begins, where there is no notice.</param>
/// <param name="Lasts">How long it lasts once it has begun; null for ever.</param>
public readonly record struct FaultTimes(SimTime At, SimTime? Lasts);
