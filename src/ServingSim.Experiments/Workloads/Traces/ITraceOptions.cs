using ServingSim.Cluster;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>What the options of every trace say: how its file is read, what is replayed, how fast.</summary>
internal interface ITraceOptions
{
    /// <summary>The window and the speed.</summary>
    TraceWindow Window { get; }

    /// <summary>Opens the file; requests get the scenario's labels beside those of their rows.</summary>
    ITraceRows Open(Labels labels, RandomStreams streams);
}
