namespace ServingSim.Engine.Scheduling;

/// <summary>
/// vLLM's legacy V0 scheduler by default (core/scheduler.py and core/block_manager.py, up to v0.8): prefills before
/// decodes, so that a step is all prefills of whole prompts or one decode of all that run; an admission leaves the
/// watermark free; one that gets no block preempts the request admitted last, which computes its tokens again.
/// <para>
/// Left out: chunked prefill and prefix caching, which V0 has off by default; swapping, which it does only for requests
/// of several sequences; policy priority; the decode that its asynchronous output processing (since v0.6) wastes on a
/// request that has ended.
/// </para>
/// </summary>
public sealed class VllmV0Scheduler : IScheduler
{
    /// <summary>The share of all blocks that an admission leaves free, in hundredths (CacheConfig: 0.01).</summary>
    private const int WatermarkPercent = 1;

    /// <inheritdoc/>
    public void Schedule(ReplicaState state)
    {
        if (!AdmitPrompts(state))
        {
            DecodeAll(state);
        }
    }

    /// <inheritdoc/>
    public bool ReactsTo(in Wake wake, ReplicaState state) =>
        state.RunningCount < state.Config.MaxNumSeqs
        && (state.Waiting.Head is null || state.Waiting.NewcomersCanPass);

    /// <inheritdoc/>
    public int StableSteps(ReplicaState state)
    {
        if (state.Decoding == 0 || state.Decoding < state.RunningCount || state.Kv.FreeBlocks == 0)
        {
            return 1;
        }

        // Decodes take blocks, so a head that has to wait goes on waiting
        if (state.Waiting.Head is { } head && (!CanEverAdmit(state, head.KnownTokens) || MayAdmit(state, head, 0)))
        {
            return 1;
        }

        // One block more than they take is enough for all checks
        return Math.Max(1, (int)state.Cohort.StepsWithin(state.Kv.FreeBlocks - 1, int.MaxValue));
    }

    /// <summary>
    /// A request that would not leave the watermark free in an empty cache is ignored (AllocStatus.NEVER).
    /// </summary>
    public bool CanEverAdmit(ReplicaState state, int tokens) =>
        BlocksOf(state) - state.Kv.BlocksFor(tokens) >= Watermark(state);

    /// <inheritdoc/>
    public IEnumerable<string> Problems(EngineConfig config, IWaitingQueue waiting)
    {
        if (config.EnableChunkedPrefill || config.LongPrefillTokenThreshold > 0)
        {
            yield return "vLLM V0 is modelled without enable_chunked_prefill and long_prefill_token_threshold";
        }

        if (config.EnablePrefixCaching)
        {
            yield return "vLLM V0 is modelled without enable_prefix_caching";
        }

        if (config.PipelineStages > 1)
        {
            yield return "vLLM V0 is modelled with one step at a time in a pipeline";
        }

        if (config.MaxPlansInFlight > 1)
        {
            yield return "vLLM V0 has no async_scheduling";
        }

        if (!waiting.PreemptsLastAdmitted)
        {
            yield return "vLLM V0 is modelled without policy priority";
        }
    }

    /// <summary>_schedule_prefills: whole prompts from the head of the queue; whether there was any.</summary>
    private bool AdmitPrompts(ReplicaState state)
    {
        int tokens = 0;
        while (state.Waiting.Head is { } head)
        {
            if (!CanEverAdmit(state, head.KnownTokens))
            {
                state.IgnoreHead();
                continue;
            }

            int known = head.KnownTokens;
            if (!MayAdmit(state, head, tokens) || !state.TryAdmitHead(default, known))
            {
                break;
            }

            tokens += known;
        }

        return tokens > 0;
    }

    private static bool MayAdmit(ReplicaState state, Request head, int tokensBefore) =>
        state.CanAdmit(default, head.KnownTokens, Watermark(state))
        && tokensBefore + head.KnownTokens <= state.Config.MaxNumBatchedTokens
        && state.RunningCount - state.Ending < state.Config.MaxNumSeqs;

    /// <summary>
    /// _schedule_running. In order, a request decodes if a block is free at its turn, whether it needs one or not
    /// (can_append_slots counts the block that it touches); else the last one is preempted. That comes to preempting
    /// the last until a block is free at the turn of the one that is last then.
    /// </summary>
    private static void DecodeAll(ReplicaState state)
    {
        while (LastDecoding(state) is { } last && !state.CanDecodeAllAnd(state.NeedsBlock(last) ? 0 : 1))
        {
            state.Preempt(last);
        }

        state.TryDecodeAll();
    }

    private static Request? LastDecoding(ReplicaState state)
    {
        Request? last = state.LastRunning;
        while (last?.State == RequestState.Ending)
        {
            last = last.PreviousRunning;
        }

        return last;
    }

    private static int Watermark(ReplicaState state) => BlocksOf(state) * WatermarkPercent / 100;

    /// <summary>V0 has no null block.</summary>
    private static int BlocksOf(ReplicaState state) => state.Kv.TotalBlocks - 1;
}
