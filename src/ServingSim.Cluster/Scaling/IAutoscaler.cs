using ServingSim.Kernel;

namespace ServingSim.Cluster.Scaling;

/// <summary>Says from time to time how many replicas a pool should have.</summary>
public interface IAutoscaler
{
    /// <summary>When it looks next after a time; null for never again.</summary>
    SimTime? NextLook(SimTime after);

    /// <summary>
    /// How many replicas the pool should have, those that are starting included; asked at every look. What exceeds the
    /// pool's limits is not done, and what exceeds the GPU budget not before there is room. Null if this look decides
    /// nothing, and what was wanted before still is.
    /// </summary>
    int? Wanted(PoolLoad load);
}
