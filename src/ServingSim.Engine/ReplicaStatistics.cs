using ServingSim.Engine.Latency;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// What a replica has done so far: counts, and time integrals that are exact up to the time they are read at.
/// </summary>
/// <param name="measured">The steps that the latency model was measured on; null where that is not known.</param>
public sealed class ReplicaStatistics(StepRange? measured = null)
{
    private TimeIntegral _usedBlocks;
    private TimeIntegral _running;
    private TimeIntegral _waiting;
    private SimTime _until;
    private SimTime _busyUntil;

    /// <summary>Steps begun.</summary>
    public long Steps { get; private set; }

    /// <summary>Those of them that the latency model was not measured on; null where that is not known.</summary>
    public long? StepsOutsideRange { get; private set; } = measured is null ? null : 0;

    /// <summary>Prompt tokens that begun steps compute, recomputed ones included.</summary>
    public long PrefillTokens { get; private set; }

    /// <summary>Decodes of begun steps.</summary>
    public long DecodeTokens { get; private set; }

    /// <summary>Σ over those decodes of the tokens attended to, the new one included.</summary>
    public long DecodeContextTokens { get; private set; }

    /// <summary>Tokens that begun steps sample.</summary>
    public long OutputTokens { get; private set; }

    /// <summary>How often KV was taken from a running request.</summary>
    public long Preemptions { get; private set; }

    /// <summary>
    /// Tokens looked up in the prefix cache, once for each request's first admission (vLLM: queries).
    /// </summary>
    public long PrefixQueries { get; private set; }

    /// <summary>Those of them that were found.</summary>
    public long PrefixHits { get; private set; }

    /// <summary>Tokens looked up when preempted requests were admitted again; vLLM counts them apart.</summary>
    public long PreemptedPrefixQueries { get; private set; }

    /// <summary>Those of them that were found.</summary>
    public long PreemptedPrefixHits { get; private set; }

    /// <summary>Time in steps; those that overlap count once.</summary>
    public SimTime Busy { get; private set; }

    /// <summary>∫ used blocks dt, in block ticks.</summary>
    public Int128 UsedBlockTicks => _usedBlocks.Value;

    /// <summary>∫ running requests dt, in request ticks.</summary>
    public Int128 RunningTicks => _running.Value;

    /// <summary>∫ waiting requests dt, in request ticks.</summary>
    public Int128 WaitingTicks => _waiting.Value;

    /// <summary>The most blocks used after any step was planned.</summary>
    public int PeakUsedBlocks { get; private set; }

    /// <summary>Integrates up to <paramref name="now"/>; called before anything that is integrated changes.</summary>
    internal void AdvanceTo(SimTime now, ReplicaState state)
    {
        long ticks = (now - _until).Ticks;
        if (ticks == 0)
        {
            return;
        }

        _usedBlocks.Add(ticks, state.Kv.UsedBlocks);
        _running.Add(ticks, state.RunningCount);
        _waiting.Add(ticks, state.WaitingCount);
        _until = now;
    }

    /// <summary>
    /// Counts the steps that follow the present one in a run, up to the beginning of the last of them; called before
    /// they take their blocks.
    /// </summary>
    /// <param name="steps">How many.</param>
    /// <param name="times">Of the present window and those that follow.</param>
    /// <param name="start">When the present window began.</param>
    /// <param name="plan">The last step planned, which each of them does again.</param>
    /// <param name="state">What they change.</param>
    internal void CountRun(long steps, StepTimes times, SimTime start, StepPlan plan, ReplicaState state)
    {
        AdvanceTo(start + new SimTime(times.TicksWithinClock(steps)), state);
        _usedBlocks.Add(state.Cohort.BlockTicks(steps, times));
        Steps += steps;
        StepsOutsideRange += measured?.CountOutside(plan.Decodes, plan.DecodeContextTokens + plan.Decodes, steps);
        DecodeTokens += plan.Decodes * steps;

        // Each step attends to one token more for each decode
        DecodeContextTokens += (plan.DecodeContextTokens * steps) + (plan.Decodes * (steps * (steps + 1) / 2));
        OutputTokens += plan.Decodes * steps;
        CountBusy(start, start + new SimTime(times.TicksWithinClock(steps + 1)));
    }

    /// <summary>Blocks have been taken.</summary>
    internal void NoteUsedBlocks(ReplicaState state) =>
        PeakUsedBlocks = Math.Max(PeakUsedBlocks, state.Kv.UsedBlocks);

    /// <summary>Something is in flight up to a time; what has been counted already is not counted again.</summary>
    internal void CountBusy(SimTime from, SimTime until)
    {
        Busy += until - SimTime.Later(from, _busyUntil);
        _busyUntil = until;
    }

    /// <summary>What was in flight came to nothing.</summary>
    internal void StopBusyAt(SimTime now)
    {
        Busy -= SimTime.Later(now, _busyUntil) - now;
        _busyUntil = now;
    }

    internal void Count(StepPlan plan, ReplicaState state)
    {
        Steps++;
        int decodes = plan.Decodes + plan.LandedDecodes;
        StepsOutsideRange += measured?.Includes(
            decodes, plan.AllDecodeContextTokens, plan.Tokens - decodes) == false ? 1 : 0;
        PrefillTokens += plan.Tokens - decodes;
        DecodeTokens += decodes;
        DecodeContextTokens += plan.AllDecodeContextTokens;
        OutputTokens += plan.SampledTokens;
        Preemptions += plan.Preempted.Count;
        NoteUsedBlocks(state);
        if (state.Config.EnablePrefixCaching)
        {
            CountLookups(plan);
        }
    }

    private void CountLookups(StepPlan plan)
    {
        foreach (Admission admission in plan.Admitted)
        {
            if (admission.Request.Preemptions == 0)
            {
                PrefixQueries += admission.Request.KnownTokens;
                PrefixHits += admission.HitTokens;
            }
            else
            {
                PreemptedPrefixQueries += admission.Request.KnownTokens;
                PreemptedPrefixHits += admission.HitTokens;
            }
        }
    }
}
