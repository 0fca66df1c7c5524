namespace ServingSim.Cluster;

/// <summary>What the replicas of a pool do.</summary>
public enum PoolRole
{
    /// <summary>Prefill and decode.</summary>
    Mixed,
}
