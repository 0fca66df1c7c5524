using BenchmarkDotNet.Attributes;
using ServingSim.Engine.Latency;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Benchmarks.Micro;

/// <summary>The roofline model's time of a step with 100 decodes.</summary>
public class StepTimeBenchmark
{
    private static readonly PrefillChunk[] Prefills = [new(700, 0), new(300, 2048)];
    private readonly ILatencyModel _latency = Model();

    /// <summary>Decodes alone.</summary>
    [Benchmark]
    public SimTime DecodeOnly() => _latency.TimeOf(new StepShape([], 100, 80_000, 100)).Sum;

    /// <summary>With two prefills.</summary>
    [Benchmark]
    public SimTime WithPrefill() => _latency.TimeOf(new StepShape(Prefills, 100, 80_000, 102)).Sum;

    private static ILatencyModel Model()
    {
        PoolSection pool = Cases.All()[^1].Load().Scenario.Cluster.Pools.Single().Value;
        return pool.Latency.Part.Create(
            new LatencyContext(pool.Model.Value, pool.Gpu.Value, pool.Parallelism, pool.Engine.KvCacheDtype));
    }
}
