namespace ServingSim.Cluster.Routing;

/// <summary>
/// Why routers may not choose a replica. Several reasons can hold at once, each given and taken back by whoever knows
/// of it; routers choose among the replicas for which none holds.
/// </summary>
[Flags]
internal enum Absence
{
    /// <summary>They may.</summary>
    None = 0,

    /// <summary>It has not been started, is warming up, or is drained to be stopped.</summary>
    Scaling = 1,

    /// <summary>Its machine is about to be taken away, and it finishes what it has.</summary>
    Notice = 2,

    /// <summary>It is known not to answer.</summary>
    Unhealthy = 4,
}
