using ServingSim.Engine;

namespace ServingSim.Cluster;

/// <summary>What became of the attempts of all clients so far, the first ones included.</summary>
public sealed class AttemptCounts
{
    /// <summary>Attempts begun: a client asked, for the first time or again.</summary>
    public long Begun { get; internal set; }

    /// <summary>Those of them that were turned away, and could be tried again.</summary>
    public long Refused { get; internal set; }

    /// <summary>Those whose clients waited too long.</summary>
    public long TimedOut { get; internal set; }

    /// <summary>Those that a failure took.</summary>
    public long Lost { get; internal set; }

    /// <summary>
    /// Tokens, of prompts and outputs, that replicas had computed for attempts when these timed out or were lost; those
    /// found in a prefix cache were not computed for them. What was computed anew after a preemption counts once.
    /// </summary>
    public long WastedTokens { get; private set; }

    /// <summary>
    /// Tokens that replicas had computed when they broke and that were computed again for a later attempt; those that
    /// this found in a prefix cache were not.
    /// </summary>
    public long RecomputedTokens { get; private set; }

    /// <summary>Output tokens that their clients had got and threw away.</summary>
    public long WastedOutputTokens { get; private set; }

    /// <summary>
    /// What replicas have computed for an attempt comes to nothing, the prefill of one that was handed over included,
    /// and so do the tokens that its client received. One that a broken replica dropped has been counted.
    /// </summary>
    internal void CountWasted(Request attempt, int received)
    {
        if (attempt.State == RequestState.Dropped)
        {
            return;
        }

        Request? prefill = ServingCluster.ClientOf(attempt).Progress?.Handover?.Prefill;
        int computed = Math.Max(attempt.EverComputedTokens, prefill?.PromptTokens ?? 0);
        CountRecomputed(prefill ?? attempt, computed);
        WastedTokens += Math.Max(0, computed - ((prefill ?? attempt).CachedTokens ?? 0));
        WastedOutputTokens += received;
    }

    /// <summary>
    /// A replica has computed so many tokens for an attempt, of which a broken one may have lost some before.
    /// </summary>
    internal void CountRecomputed(Request attempt, int computed)
    {
        if (ServingCluster.ClientOf(attempt).Progress is { LostTokens: > 0 } progress)
        {
            int again = Math.Min(progress.LostTokens, computed) - (attempt.CachedTokens ?? 0);
            RecomputedTokens += Math.Max(0, again);
            progress.LostTokens = 0;
        }
    }
}
