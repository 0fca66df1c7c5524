using ServingSim.Engine;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;

namespace ServingSim.Experiments.Running;

/// <summary>What follows from a scenario before anything runs, in words.</summary>
public static class ScenarioFacts
{
    private const int ExampleTokens = 1000;

    /// <summary>One fact a line; also opens the workload, so that a trace that cannot be read is found.</summary>
    public static IReadOnlyList<string> Of(LoadedScenario loaded) => loaded.WithinClock<IReadOnlyList<string>>(() =>
    {
        using IWorkload workload = WorkloadContext.Create(loaded.Scenario, loaded.File);
        return
        [
            .. loaded.Scenario.Cluster.Pools.SelectMany(pool => PoolFacts(pool.Key, pool.Value)),
            $"workload: the first request arrives at {workload.NextArrival!.Value.TotalSeconds:0.######} s",
        ];
    });

    private static IEnumerable<string> PoolFacts(string name, PoolSection pool)
    {
        EngineConfig engine = EngineResolution.Resolve(pool);
        KvCapacity capacity = EngineResolution.CapacityOf(pool);
        long tokens = (engine.NumGpuBlocks - 1L) * engine.BlockSize;
        yield return $"pool {name}: {pool.Replicas} x {pool.Model.Name}, each on "
            + $"{pool.Parallelism.Gpus} x {pool.Gpu.Name}";
        if (pool.Parallelism.Pp > 1)
        {
            IReadOnlyList<int> layers = pool.Parallelism.LayersOfStages(pool.Model.Value.NumHiddenLayers);
            yield return $"  a pipeline of {layers.Count} stages ({string.Join(" + ", layers)} layers) with "
                + (engine.PipelineStages > 1
                    ? $"up to {engine.PipelineStages} batches in flight"
                    : $"one batch in flight; the engine keeps up to {layers.Count}, so real throughput may be greater");
        }

        int joined = Math.Max(pool.Parallelism.ExpertGpus, pool.Parallelism.Gpus);
        if (joined > pool.Gpu.Value.LinkGpus)
        {
            yield return $"  {joined} GPUs that work together, of which a link joins {pool.Gpu.Value.LinkGpus}: the "
                + $"others over a network of {pool.Gpu.Value.NetworkGbPerS:0.##} GB/s a GPU";
        }

        yield return $"  a GPU holds {Gib(capacity.WeightBytes)} of weights, {Gib(capacity.OverheadBytes)} of overhead "
            + $"and {Gib(capacity.KvBytes)} of KV cache";
        yield return $"  a replica has {engine.NumGpuBlocks:N0} KV blocks of {engine.BlockSize} = {tokens:N0} tokens, "
            + $"enough for {(double)tokens / engine.MaxModelLen:0.0} requests of max_model_len {engine.MaxModelLen:N0}";
        HostOverhead host = LatencyResolution.HostOf(pool).For(pool.Parallelism.Gpus);
        yield return $"  its host adds {host.MsPerStep:0.###} ms to a step and {host.UsPerSequence:0.###} us for each "
            + $"sequence in it; a request takes {host.FrontendMs:0.###} ms through the front end (host: frontend_ms)";
        ILatencyModel latency = LatencyResolution.Resolve(pool);
        StepTime prefill = latency.TimeOf(new StepShape([new PrefillChunk(ExampleTokens, 0)], 0, 0, 1));
        StepTime decode = latency.TimeOf(new StepShape([], 1, ExampleTokens, 1));
        yield return $"  a step takes {prefill.Sum.TotalMilliseconds:0.00} ms to prefill {ExampleTokens:N0} tokens, "
            + $"{decode.Sum.TotalMilliseconds:0.00} ms to decode one token after {ExampleTokens:N0}";
    }

    private static string Gib(long bytes) => $"{(double)bytes / KvCapacity.BytesPerGib:0.0} GiB";
}
