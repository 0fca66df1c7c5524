namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>How a trace file is written.</summary>
public enum TraceFormat
{
    /// <summary>A BurstGPT CSV file of either schema.</summary>
    BurstGpt,

    /// <summary>An Azure LLM inference CSV file.</summary>
    Azure,

    /// <summary>A Mooncake JSONL file.</summary>
    Mooncake,

    /// <summary>A CSV file of one's own.</summary>
    Plain,
}
