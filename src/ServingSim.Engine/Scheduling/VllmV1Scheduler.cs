using ServingSim.Engine.Kv;

namespace ServingSim.Engine.Scheduling;

/// <summary>
/// vLLM's V1 scheduler (v1/core/sched/scheduler.py): one token budget a step; running requests first, in order of
/// admission; a running request that gets no block preempts the queue's victim; then waiting requests, unless somebody
/// was preempted, until the first that does not fit. Without options it is profile <c>vllm-v1</c> (2026-02-15), with
/// them <c>vllm-v1-late</c> (2026-08-17), which admits more carefully.
/// </summary>
public sealed class VllmV1Scheduler(VllmV1LateOptions? late = null) : IScheduler
{
    /// <inheritdoc/>
    public void Schedule(ReplicaState state)
    {
        int budget = state.Config.MaxNumBatchedTokens;
        bool atOnce = state.DecodesPrecedePrefills && (state.Waiting.PreemptsLastAdmitted || NobodyIsPreempted(state));
        bool preempted = atOnce
            ? ScheduleCohort(state, ref budget)
            : ScheduleInOrder(state, state.FirstRunning, ref budget);
        if (!preempted)
        {
            Admit(state, budget);
        }
    }

    /// <inheritdoc/>
    public bool TakesRemoteKv => true;

    /// <inheritdoc/>
    public bool ReactsTo(in Wake wake, ReplicaState state) =>
        state.RunningCount < state.Config.MaxNumSeqs
        && (state.Waiting.Head is null || state.Waiting.NewcomersCanPass);

    /// <inheritdoc/>
    public int StableSteps(ReplicaState state)
    {
        if (state.Decoding == 0 || state.Decoding < state.RunningCount)
        {
            return 1;
        }

        int budget = state.Config.MaxNumBatchedTokens - state.Decoding;
        if (budget == 0 || state.RunningCount == state.Config.MaxNumSeqs)
        {
            return int.MaxValue;
        }

        if (state.Remote.FirstLanded is not null)
        {
            return 1;
        }

        if (state.Waiting.Head is not { } head)
        {
            return int.MaxValue;
        }

        // What decoding adds takes blocks from a blocked head and leaves the budget; it helps only one that can hit it
        bool fits = head.AwaitsKv
            ? MayReserve(state, head, state.FindHit(head))
            : FirstChunk(state, head, budget) is { } chunk && MayAdmit(state, head, chunk.Hit, chunk.Tokens);
        return fits || state.DecodingCanExtendHit(head) ? 1 : int.MaxValue;
    }

    /// <summary>
    /// All decodes at once. The engine goes through them in order and preempts from the tail when one gets no block;
    /// the last requests are preempted until the others' blocks suffice, which comes to the same requests.
    /// </summary>
    private static bool ScheduleCohort(ReplicaState state, ref int budget)
    {
        bool preempted = false;
        while (!state.TryDecodeAll())
        {
            state.Preempt(state.LastRunning!);
            preempted = true;
        }

        budget -= state.Decoding;
        return state.Prefilling.Count == 0
            ? preempted
            : ScheduleInOrder(state, state.Prefilling[0], ref budget) || preempted;
    }

    /// <summary>Whether blocks suffice for all running requests, which decode before they prefill.</summary>
    private static bool NobodyIsPreempted(ReplicaState state)
    {
        int budget = state.Config.MaxNumBatchedTokens - state.Decoding;
        int blocks = 0;
        foreach (Request request in state.Prefilling)
        {
            int tokens = Math.Min(WithinThreshold(state.Config, request.TokensToCompute), budget);
            int computed = request.ComputedTokens;
            blocks += state.Kv.BlocksFor(computed + tokens) - state.Kv.BlocksFor(computed);
            budget -= tokens;
        }

        return state.CanDecodeAllAnd(blocks);
    }

    /// <summary>
    /// Phase A of the engine's schedule(), from <paramref name="first"/> on; whether somebody was preempted.
    /// </summary>
    private static bool ScheduleInOrder(ReplicaState state, Request? first, ref int budget)
    {
        bool preempted = false;
        int passedOver = 0;
        for (Request? request = first; request is not null && budget > 0; request = request.NextRunning)
        {
            if (passedOver > 0)
            {
                passedOver--;
                continue;
            }

            int tokens = Math.Min(WithinThreshold(state.Config, request.TokensToCompute), budget);
            if (tokens == 0)
            {
                // It will reach its last token with what is in flight; those behind it still run
                continue;
            }

            while (!state.TryExtend(request, tokens))
            {
                Request victim = state.Waiting.Victim(state);

                // The engine counts places: one that empties in front of a request, of a victim that was in the list
                // but not in the step, makes it miss the request behind
                bool isInFlight = victim.State is RequestState.Ending or RequestState.InFlight;
                passedOver += isInFlight && victim.Precedes(request) ? 1 : 0;
                budget += state.Preempt(victim);
                preempted = true;
                if (victim == request)
                {
                    return true;
                }
            }

            budget -= tokens;
        }

        return preempted;
    }

    /// <summary>
    /// Phase B: one after the other, nobody overtakes one that gets no blocks (head-of-line blocking).
    /// </summary>
    private void Admit(ReplicaState state, int budget)
    {
        while (budget > 0 && state.RunningCount < state.Config.MaxNumSeqs && AdmitNext(state, budget) is { } tokens)
        {
            budget -= tokens;
        }
    }

    /// <summary>
    /// The tokens that the next waiting request computes; null if it is not admitted. Those that were set aside for
    /// their KV stand in front of the queue: behind those that were put back, which are put before them, until the late
    /// profile gave them a queue of their own that comes first (skipped_waiting, 2026-03-10).
    /// </summary>
    private int? AdmitNext(ReplicaState state, int budget)
    {
        bool preemptedFirst = late is null && state.Waiting.Head is { IsPutBack: true };
        if (!preemptedFirst && state.Remote.FirstLanded is not null)
        {
            return state.Remote.TryAdmitLanded() ? 1 : null;
        }

        // With three or more steps in flight vLLM could admit one again before its token is there, and would sample
        // that token twice
        return state.Waiting.Head is not { AwaitsToken: false } head ? null
            : head.AwaitsKv ? Reserve(state, head)
            : AdmitHead(state, head, budget);
    }

    /// <summary>The tokens that the head computes in this step; null if it is not admitted.</summary>
    private int? AdmitHead(ReplicaState state, Request head, int budget) =>
        FirstChunk(state, head, budget) is { } chunk
        && MayAdmit(state, head, chunk.Hit, chunk.Tokens)
        && state.TryAdmitHead(chunk.Hit, chunk.Tokens)
            ? chunk.Tokens
            : null;

    /// <summary>As above for a head whose KV comes from elsewhere: it computes nothing yet.</summary>
    private int? Reserve(ReplicaState state, Request head)
    {
        PrefixHit hit = state.FindHit(head);
        return MayReserve(state, head, hit) && state.Remote.TryReserveHead(hit) ? 0 : null;
    }

    /// <summary>
    /// Whether blocks suffice for all of a prompt whose KV comes from elsewhere; since 2026-06-06 also for what
    /// admitted prefills are still to compute.
    /// </summary>
    private bool MayReserve(ReplicaState state, Request request, PrefixHit hit)
    {
        int owed = late is null
            ? 0
            : state.Prefilling.Sum(r => state.Kv.BlocksFor(r.KnownTokens) - state.Kv.BlocksFor(r.ComputedTokens));
        return MayAdmit(state, request, hit, request.KnownTokens - hit.Tokens)
            && state.CanAdmit(hit, request.KnownTokens - hit.Tokens, owed);
    }

    /// <summary>
    /// Whether blocks suffice: since 2026-03-24 for all known tokens, since 2026-06-11 with a watermark left free while
    /// something runs (int(watermark · N), the null block counted).
    /// </summary>
    private bool MayAdmit(ReplicaState state, Request request, PrefixHit hit, int tokens)
    {
        int spare = late is null || state.RunningCount == 0 ? 0 : (int)(late.Watermark * state.Kv.TotalBlocks);
        return (late is not { SchedulerReserveFullIsl: true }
                || state.CanAdmit(hit, request.KnownTokens - hit.Tokens, spare))
            && state.CanAdmit(hit, tokens, spare);
    }

    /// <summary>
    /// What a step would compute of a waiting request; null if its prompt must not be split and is too long.
    /// </summary>
    private static (PrefixHit Hit, int Tokens)? FirstChunk(ReplicaState state, Request request, int budget)
    {
        PrefixHit hit = state.FindHit(request);
        int tokens = WithinThreshold(state.Config, request.KnownTokens - hit.Tokens);
        return tokens > budget && !state.Config.EnableChunkedPrefill ? null : (hit, Math.Min(tokens, budget));
    }

    private static int WithinThreshold(EngineConfig config, int tokens) =>
        config.LongPrefillTokenThreshold > 0 ? Math.Min(tokens, config.LongPrefillTokenThreshold) : tokens;
}
