using BenchmarkDotNet.Attributes;
using ServingSim.Engine;
using ServingSim.Engine.Kv.Eviction;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;

namespace ServingSim.Benchmarks.Micro;

/// <summary>One step of a replica whose requests all decode: an end and a decision, two events.</summary>
public class CohortStepBenchmark : IReplicaObserver
{
    private const int Output = 1 << 16;
    private const int BlockSize = 16;
    private readonly Simulation _simulation = new();
    private long _enqueued;

    /// <summary>How many requests decode.</summary>
    [Params(1, 256)]
    public int Requests { get; set; }

    /// <summary>Admits the requests.</summary>
    [GlobalSetup]
    public void Admit()
    {
        EngineConfig config = new(BlockSize, 2 + (5000 * Requests), 8192, 256, Output + 10, EnablePrefixCaching: false);
        Replica replica = new(
            _simulation,
            "main/0",
            new ReplicaParts(
                config,
                new VllmV1Scheduler(),
                new FcfsQueue(),
                new LruEviction(new EvictionContext(config.NumGpuBlocks, UnhashedOrder.Tail)),
                new ConstantLatency(new ConstantLatencyOptions(1))),
            this);
        for (int i = 0; i < Requests; i++)
        {
            Enqueue(replica);
        }

        _simulation.Step();
    }

    /// <summary>One step.</summary>
    [Benchmark]
    public void Step()
    {
        _simulation.Step();
        _simulation.Step();
    }

    /// <summary>Asks again, so that there are always as many; one step in 65,536.</summary>
    public void Finished(Replica replica, Request request) => Enqueue(replica);

    private void Enqueue(Replica replica)
    {
        RequestId id = new(_enqueued++, 0);
        replica.Enqueue(new Request(id, PromptContent.OwnOf(id.Client, 1), OutputLength.Of(Output), _simulation.Now));
    }
}
