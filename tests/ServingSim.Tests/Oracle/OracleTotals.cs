using ServingSim.Engine;

namespace ServingSim.Tests.Oracle;

/// <summary>Sums over a run. Prefix queries and hits are tokens, counted once an admission, if caching is on.</summary>
internal sealed record OracleTotals(
    int Steps,
    long PrefillTokens,
    long DecodeTokens,
    long OutputTokens,
    long Busy,
    int LeastFreeBlocks,
    long Preemptions,
    long FirstQueries,
    long FirstHits,
    long ResumeQueries,
    long ResumeHits,
    long Evictions,
    Int128 UsedBlockTicks,
    Int128 RunningTicks,
    Int128 WaitingTicks)
{
    /// <summary>What an engine has done so far.</summary>
    public static OracleTotals Of(OracleEngine engine)
    {
        List<OracleAdmitted> admitted = [.. engine.Steps.SelectMany(step => step.Admitted)];
        List<OracleAdmitted> resumed = admitted.FindAll(admission => admission.IsResumed);
        List<OracleAdmitted> first = admitted.FindAll(admission => !admission.IsResumed);
        int perQuery = engine.CachesPrefixes ? 1 : 0;
        return new(
            engine.Steps.Count,
            engine.Steps.Sum(step => step.Shape.Prefills.Sum(chunk => (long)chunk.Tokens)),
            engine.Steps.Sum(step => (long)step.Shape.Decodes),
            engine.Steps.Sum(step => (long)step.Shape.SampledTokens),
            engine.Busy,
            engine.Steps.Select(step => step.FreeBlocks).DefaultIfEmpty(engine.UsableBlocks).Min(),
            engine.Steps.Sum(step => (long)step.Preempted.Count),
            first.Sum(admission => (long)admission.KnownTokens) * perQuery,
            first.Sum(admission => (long)admission.HitTokens),
            resumed.Sum(admission => (long)admission.KnownTokens) * perQuery,
            resumed.Sum(admission => (long)admission.HitTokens),
            engine.Evictions,
            engine.UsedBlockTicks,
            engine.RunningTicks,
            engine.WaitingTicks);
    }

    /// <summary>What a replica has done so far, in the oracle's words.</summary>
    public static OracleTotals Of(Replica replica)
    {
        ReplicaStatistics statistics = replica.Statistics;
        return new(
            (int)statistics.Steps,
            statistics.PrefillTokens,
            statistics.DecodeTokens,
            statistics.OutputTokens,
            statistics.Busy.Ticks,
            replica.State.Kv.TotalBlocks - 1 - statistics.PeakUsedBlocks,
            statistics.Preemptions,
            statistics.PrefixQueries,
            statistics.PrefixHits,
            statistics.PreemptedPrefixQueries,
            statistics.PreemptedPrefixHits,
            replica.State.Kv.EvictedBlocks,
            statistics.UsedBlockTicks,
            statistics.RunningTicks,
            statistics.WaitingTicks);
    }
}
