namespace ServingSim.Benchmarks;

/// <summary>How much of a run is measured.</summary>
public enum RunMode
{
    /// <summary>Workload, cluster and engines; nobody listens.</summary>
    Engine,

    /// <summary>What the command line does where the scenario says outputs.requests: none.</summary>
    Summary,

    /// <summary>What the command line does: with records, percentiles and result files.</summary>
    Full,
}
