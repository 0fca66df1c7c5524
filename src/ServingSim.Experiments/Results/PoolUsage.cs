namespace ServingSim.Experiments.Results;

/// <summary>What a pool's replicas did over the whole run, warm-up included.</summary>
/// <param name="UsedBlockTicks">The integral over time of KV blocks in use, summed over replicas, in block ×
/// tick.</param>
/// <param name="BlockTicks">The integral over time of KV blocks there are, summed over replicas, in block ×
/// tick.</param>
/// <param name="PeakUsage">The greatest share of its KV blocks that any one replica had in use, from 0 to 1.</param>
/// <param name="Steps">Steps that the replicas made.</param>
/// <param name="HasPrefixCache">Whether prompts are looked up in a prefix cache.</param>
/// <param name="StepsOutsideRange">Steps that the latency model was not measured on; null where that is not
/// known.</param>
public sealed record PoolUsage(
    Int128 UsedBlockTicks,
    Int128 BlockTicks,
    double PeakUsage,
    long Steps,
    bool HasPrefixCache,
    long? StepsOutsideRange = null);
