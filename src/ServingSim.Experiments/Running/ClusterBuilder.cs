using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Kv.Eviction;
using ServingSim.Engine.Scheduling;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Running;

/// <summary>Turns a scenario's cluster into what a <see cref="ServingCluster"/> is made of.</summary>
public static class ClusterBuilder
{
    /// <summary>What the cluster of a scenario is made of.</summary>
    /// <param name="cluster">The scenario's cluster.</param>
    /// <param name="streams">Chance, for routers that need it.</param>
    /// <param name="maxRunSteps">Decode steps that one event may advance; the engine may allow fewer.</param>
    public static ClusterSpec SpecOf(
        ClusterSection cluster, RandomStreams streams, int maxRunSteps = int.MaxValue) =>
        new(
            [.. cluster.Pools.Select(p => SpecOf(p.Key, p.Value, maxRunSteps))],
            () => cluster.Router.Create(new RouterContext(streams)))
        {
            Admission = cluster.Admission.Create(default),
            Scrape = cluster.Scrape,
        };

    private static PoolSpec SpecOf(string name, PoolSection pool, int maxRunSteps)
    {
        EngineConfig resolved = EngineResolution.Resolve(pool);
        EngineConfig config = resolved with { MaxRunSteps = Math.Min(resolved.MaxRunSteps, maxRunSteps) };
        return new PoolSpec(name, pool.Role, pool.Replicas, PartsOf)
        {
            Serves = pool.Serves,
            FrontEndTime = SimTime.FromMilliseconds(LatencyResolution.HostOf(pool).FrontendMs),
        };

        ReplicaParts PartsOf()
        {
            EngineProfile profile = pool.Engine.Profile.Create(default);
            ILatencyModel latency = LatencyResolution.Resolve(pool);
            return new ReplicaParts(
                config,
                profile.Scheduler,
                pool.Engine.Policy.Create(default),
                pool.Engine.Eviction.Create(new EvictionContext(config.NumGpuBlocks, profile.UnhashedOrder)),
                latency)
            {
                Measured = pool.Latency.File?.Value.Range ?? latency.Range,
            };
        }
    }
}
