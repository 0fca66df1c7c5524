using ServingSim.Engine.Kv.Eviction;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Scheduling;

namespace ServingSim.Engine;

/// <summary>
/// What one replica is made of. The latency model, a pure function, may be shared with others; nothing else may.
/// </summary>
/// <param name="Config">Its engine's limits.</param>
/// <param name="Scheduler">What decides each step.</param>
/// <param name="Waiting">The order of admission.</param>
/// <param name="Eviction">The order in which cached blocks are given up; null where none are cached.</param>
/// <param name="Latency">How long a step takes.</param>
public sealed record ReplicaParts(
    EngineConfig Config, IScheduler Scheduler, IWaitingQueue Waiting, IEvictionPolicy? Eviction, ILatencyModel Latency)
{
    /// <summary>How a step's time falls to the stages of a pipeline; null where there is one stage.</summary>
    public IStageShares? Stages { get; init; }

    /// <summary>The steps that the latency model was measured on; null where that is not known.</summary>
    public StepRange? Measured { get; init; }
}
