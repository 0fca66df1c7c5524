namespace ServingSim.Engine;

/// <summary>Hears what happens on a replica, as it happens; observes only.</summary>
public interface IReplicaObserver
{
    /// <summary>
    /// A step is planned and timed; its requests can be listed from <paramref name="replica"/> now. Where
    /// <see cref="EngineConfig.MaxRunSteps"/> is not 1, steps that do the same again may follow untold.
    /// </summary>
    void StepScheduled(Replica replica, StepPlan plan)
    {
    }

    /// <summary>A step ended; what finished in it has been released and told of.</summary>
    void StepEnded(Replica replica, StepPlan plan)
    {
    }

    /// <summary>
    /// <paramref name="count"/> requests of a class got a token in each of some steps, each token as long after the one
    /// before as its step took.
    /// </summary>
    void TokenGaps(ItlClass itlClass, int count, in StepTimes steps)
    {
    }

    /// <summary>A request got its first token.</summary>
    void FirstToken(Replica replica, Request request)
    {
    }

    /// <summary>
    /// A request generated its last token and holds no KV any more, but where <see cref="Request.KeepsKv"/> says so.
    /// </summary>
    void Finished(Replica replica, Request request)
    {
    }

    /// <summary>A request left unfinished and holds no KV any more: its client gave up, or the replica broke.</summary>
    void Dropped(Replica replica, Request request)
    {
    }

    /// <summary>
    /// Blocks are set aside for the prompt of a request that awaits its KV: <paramref name="missingBlocks"/> of them
    /// must be written to from elsewhere, and <see cref="Replica.KvLanded"/> be called then.
    /// </summary>
    void KvReserved(Replica replica, Request request, int missingBlocks)
    {
    }
}
