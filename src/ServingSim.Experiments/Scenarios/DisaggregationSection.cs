using System.ComponentModel;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Transfer;

namespace ServingSim.Experiments.Scenarios;

/// <summary>How requests get from pools of role prefill to pools of role decode.</summary>
/// <param name="Handoff">Who asks for the KV, and when.</param>
/// <param name="DecodeRouter">What chooses the decode replica, once the prompt is computed.</param>
/// <param name="Network">What KV moves over.</param>
public sealed record DisaggregationSection(
    [property: DefaultValue("nixl")] PartChoice<IHandoff, NoContext> Handoff,
    [property: DefaultValue("least-outstanding")] PartChoice<IRouter, RouterContext> DecodeRouter,
    [property: DefaultValue("{}")] NetworkSpec Network)
{
    /// <summary>What is wrong with a cluster's roles.</summary>
    internal static IEnumerable<(string? Parameter, string Problem)> Problems(ClusterSection cluster)
    {
        (string Name, PoolSection Pool)[] pools = [.. cluster.Pools.Select(p => (p.Key, p.Value))];
        (string Name, PoolSection Pool)[] prefill = [.. pools.Where(p => p.Pool.Role == PoolRole.Prefill)];
        (string Name, PoolSection Pool)[] decode = [.. pools.Where(p => p.Pool.Role == PoolRole.Decode)];
        if (prefill.Length > 0 && decode.Length == 0)
        {
            yield return (
                nameof(cluster.Pools), $"pool {prefill[0].Name} only prefills, expected a pool of role decode, too");
        }

        if (decode.Length > 0 && prefill.Length == 0)
        {
            yield return (
                nameof(cluster.Pools), $"pool {decode[0].Name} only decodes, expected a pool of role prefill, too");
        }

        if (cluster.Disaggregation is not null && prefill.Length + decode.Length == 0)
        {
            yield return (
                nameof(cluster.Disaggregation), "no pool has role prefill or decode, expected pools of both, or none");
        }

        foreach ((string name, PoolSection pool) in decode)
        {
            foreach ((string from, PoolSection source) in prefill)
            {
                if (source.Model.Value != pool.Model.Value
                    || source.Engine.BlockSize != pool.Engine.BlockSize
                    || source.Engine.MaxModelLen != pool.Engine.MaxModelLen
                    || source.Engine.KvCacheDtype != pool.Engine.KvCacheDtype)
                {
                    yield return (
                        nameof(cluster.Pools),
                        $"pool {name} cannot read the KV of pool {from}, expected the same model, block_size, "
                        + "max_model_len and kv_cache_dtype");
                }
            }

            if (!pool.Engine.Profile.Create(default).Scheduler.TakesRemoteKv || pool.Engine.Policy.Name != "fcfs")
            {
                yield return (
                    nameof(cluster.Pools),
                    $"pool {name} decodes what others prefilled, expected profile vllm-v1 or vllm-v1-late and policy "
                    + $"fcfs, found {pool.Engine.Profile.Name} and {pool.Engine.Policy.Name}");
            }
        }
    }
}
