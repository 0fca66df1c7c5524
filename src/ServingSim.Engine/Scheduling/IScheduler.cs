namespace ServingSim.Engine.Scheduling;

/// <summary>
/// Decides what a replica's next step computes, through the all-or-nothing verbs of <see cref="ReplicaState"/>. It
/// keeps no state of its own: what it decides follows from the replica's.
/// </summary>
public interface IScheduler
{
    /// <summary>Plans one step.</summary>
    void Schedule(ReplicaState state);

    /// <summary>
    /// Whether <paramref name="wake"/>, about to happen while a step computes, could break what
    /// <see cref="StableSteps"/> promised. True is always right.
    /// </summary>
    bool ReactsTo(in Wake wake, ReplicaState state);

    /// <summary>
    /// For how many steps from here, the next one included, the plan is one decode of the whole cohort and nothing
    /// else, as long as nothing arrives, nothing finishes and blocks suffice. 1 is always right.
    /// </summary>
    int StableSteps(ReplicaState state);

    /// <summary>Whether a prompt of so many tokens could be admitted if it had the replica for itself.</summary>
    bool CanEverAdmit(ReplicaState state, int tokens) => true;

    /// <summary>Whether it takes requests whose KV comes from elsewhere.</summary>
    bool TakesRemoteKv => false;

    /// <summary>What of an engine this scheduler does not do; empty where it does all.</summary>
    IEnumerable<string> Problems(EngineConfig config, IWaitingQueue waiting) => [];
}

/// <summary>Something that happens to a replica from outside.</summary>
/// <param name="Kind">What.</param>
/// <param name="Request">To which request.</param>
public readonly record struct Wake(WakeKind Kind, Request Request);

/// <summary>What can happen to a replica from outside.</summary>
public enum WakeKind
{
    /// <summary>A request arrives.</summary>
    Arrival,
}
