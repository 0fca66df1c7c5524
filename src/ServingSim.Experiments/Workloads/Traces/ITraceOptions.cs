using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>What the options of every trace say: how its file is read, what is replayed, how fast.</summary>
internal interface ITraceOptions
{
    /// <summary>The window and the speed.</summary>
    TraceWindow Window { get; }

    /// <summary>The labels that rows of this format can name.</summary>
    IReadOnlyList<string> RowLabels { get; }

    /// <summary>The same, replayed so many times as fast as now.</summary>
    ITraceOptions Times(double factor);

    /// <summary>Opens the file.</summary>
    ITraceRows Open(RandomStreams streams);
}
