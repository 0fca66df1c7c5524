namespace ServingSim.Benchmarks;

/// <summary>How much of a run is measured.</summary>
public enum RunMode
{
    /// <summary>Workload, cluster and engines; requests end in histograms.</summary>
    Engine,

    /// <summary>What the command line does where the scenario says outputs.requests: none.</summary>
    Summary,

    /// <summary>The same on requests that were drawn beforehand, beside a literal stepper on the same.</summary>
    Ratio,

    /// <summary>What the command line does: with records, percentiles and result files.</summary>
    Full,

    /// <summary>A trace alone: its rows are read, made into requests and forgotten.</summary>
    Read,

    /// <summary>The command line itself, from the start of its process to its end.</summary>
    Command,
}
