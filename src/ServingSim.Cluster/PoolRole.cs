namespace ServingSim.Cluster;

/// <summary>What the replicas of a pool do.</summary>
public enum PoolRole
{
    /// <summary>Prefill and decode.</summary>
    Mixed,

    /// <summary>Prompts only, up to the first token; a decode replica goes on with their KV.</summary>
    Prefill,

    /// <summary>What prefill replicas hand over.</summary>
    Decode,
}
