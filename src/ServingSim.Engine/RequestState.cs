namespace ServingSim.Engine;

/// <summary>Where a request stands in its replica.</summary>
public enum RequestState
{
    /// <summary>In the waiting queue, or not yet with a replica; holds no KV.</summary>
    Waiting,

    /// <summary>Admitted, its known tokens not all computed: fresh, in chunks, or again after a preemption.</summary>
    Prefilling,

    /// <summary>In the decode cohort: one token a step.</summary>
    Decoding,

    /// <summary>
    /// Its last token is that of a step in flight: it holds its KV and its place and computes nothing more. Only with
    /// asynchronous scheduling does the next step's plan meet such a request.
    /// </summary>
    Ending,

    /// <summary>
    /// A token of it is sampled by a step that is somewhere in a pipeline: it holds its KV and its place and computes
    /// nothing until the token is there.
    /// </summary>
    InFlight,

    /// <summary>
    /// Its KV is on its way from another replica, or is there and waits for its first step: it holds its blocks and no
    /// place among the running (vLLM V1 WAITING_FOR_REMOTE_KVS).
    /// </summary>
    Loading,

    /// <summary>All tokens generated; holds no KV, unless a decode replica is still to read it.</summary>
    Finished,

    /// <summary>It left unfinished: its client gave up, or its replica broke.</summary>
    Dropped,
}
