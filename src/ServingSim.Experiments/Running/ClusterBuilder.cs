using ServingSim.Cluster;
using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Scaling;
using ServingSim.Cluster.Transfer;
using ServingSim.Engine;
using ServingSim.Engine.Kv.Eviction;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Scheduling;
using ServingSim.Engine.Specs;
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
    /// <param name="clients">How its clients behave; null where they only wait.</param>
    public static ClusterSpec SpecOf(
        ClusterSection cluster,
        RandomStreams streams,
        int maxRunSteps = int.MaxValue,
        ClientsSection? clients = null)
    {
        RouterContext context = new(streams);
        return new ClusterSpec(
            [.. cluster.Pools.Select(p => SpecOf(p.Key, p.Value, maxRunSteps))],
            () => cluster.Router.Create(context))
        {
            Admission = cluster.Admission.Create(default),
            Scrape = cluster.Scrape,
            Disaggregation = DisaggregationOf(cluster, streams),
            GpuBudget = cluster.GpuBudget,
            Clients = clients?.Spec(),
            Faults = [.. FaultsOf(cluster, streams)],
            Health = cluster.Health,
            Random = streams,
        };
    }

    /// <summary>Each plan's chance is named for its fault, and where others are of the same for its number.</summary>
    private static IEnumerable<FaultSpec> FaultsOf(ClusterSection cluster, RandomStreams streams)
    {
        Dictionary<string, int> named = [];
        foreach (FaultSection section in cluster.Faults)
        {
            string name = section.Fault.Name;
            int number = named[name] = named.GetValueOrDefault(name) + 1;
            (string pool, int? replica) = section.Target(cluster.Pools);
            IFaultPlan plan = section.When.Create(
                new FaultPlanContext(streams, number == 1 ? name : $"{name} {number}"));
            yield return new FaultSpec(name, section.Fault.Create(default), plan, pool, replica);
        }
    }

    private static DisaggregationSpec? DisaggregationOf(ClusterSection cluster, RandomStreams streams)
    {
        if (cluster.Pools.Values.All(pool => pool.Role == PoolRole.Mixed))
        {
            return null;
        }

        Check.That(cluster.Disaggregation is not null, "prefill and decode pools without a hand-off");
        DisaggregationSection section = cluster.Disaggregation;
        RouterContext context = new(streams, "decode router");
        return new DisaggregationSpec(
            section.Handoff.Create(default), section.Network, () => section.DecodeRouter.Create(context));
    }

    private static PoolSpec SpecOf(string name, PoolSection pool, int maxRunSteps)
    {
        EngineConfig resolved = EngineResolution.Resolve(pool);
        ModelShard shard = new(pool.Model.Value, pool.Parallelism);
        EngineConfig config = resolved with { MaxRunSteps = Math.Min(resolved.MaxRunSteps, maxRunSteps) };
        ILatencyModel latency = LatencyResolution.Resolve(pool);
        RooflineStages? stages = config.PipelineStages == 1 ? null : LatencyResolution.StagesOf(pool);
        return new PoolSpec(name, pool.Role, pool.Replicas, PartsOf)
        {
            Serves = pool.Serves,
            LinkBytesPerS = (long)(pool.Gpu.Value.LinkGbPerS * 1e9),
            BlockBytes = shard.KvBytesPerToken(pool.Engine.KvCacheDtype) * pool.Engine.BlockSize * pool.Parallelism.Tp,
            GpusPerReplica = pool.Parallelism.Gpus,
            Scaling = pool.Scaling is { } scaling
                ? new ScalingSpec(
                    scaling.Autoscaler.Create(default),
                    scaling.MinReplicas,
                    scaling.MaxReplicas,
                    scaling.ColdStart.Total(pool.Model.Value, pool.Parallelism))
                : null,
            FrontEndTime = SimTime.FromMilliseconds(LatencyResolution.HostOf(pool).FrontendMs),
        };

        ReplicaParts PartsOf()
        {
            EngineProfile profile = pool.Engine.Profile.Create(default);
            return new ReplicaParts(
                config,
                profile.Scheduler,
                pool.Engine.Policy.Create(default),
                config.EnablePrefixCaching
                    ? pool.Engine.Eviction.Create(new EvictionContext(config.NumGpuBlocks, profile.UnhashedOrder))
                    : null,
                latency)
            {
                Stages = stages,
                Measured = pool.Latency.File?.Value.Range ?? latency.Range,
            };
        }
    }
}
