namespace ServingSim.Kernel;

/// <summary>
/// The order of events at one instant. What breaks breaks first; a step that ends at t frees its blocks before a
/// request that arrives at t is queued; decisions see everything that happened at t.
/// </summary>
public enum Phase
{
    /// <summary>Something breaks or comes back.</summary>
    Fault,

    /// <summary>A client gives up.</summary>
    Abort,

    /// <summary>A replica's step ends.</summary>
    StepEnd,

    /// <summary>A KV transfer completes.</summary>
    TransferEnd,

    /// <summary>A client request arrives.</summary>
    Arrival,

    /// <summary>Periodic work: scraping, scaling, sampling of time series.</summary>
    Control,

    /// <summary>A replica decides what its next step computes.</summary>
    Decision,
}
