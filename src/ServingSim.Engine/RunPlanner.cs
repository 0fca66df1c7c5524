using ServingSim.Engine.Latency;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>What a replica's steps cost, and how many of them one event may advance.</summary>
internal sealed class RunPlanner(
    ReplicaState state, IScheduler scheduler, StepOutcome outcome, ILatencyModel latency)
{
    /// <summary>How long the steps that are planned from now on take.</summary>
    internal ILatencyModel Latency { get; set; } = latency;

    /// <summary>What a plan costs, its device time noted in it.</summary>
    internal StepTime TimeOf(StepPlan plan)
    {
        bool repeats = plan.OnlyDecodes
            && state.Config.MaxRunSteps > 1
            && !state.Remote.IsWatched
            && !outcome.HoldsSurprises;
        plan.Line = repeats ? Latency.DecodeLine(plan.Decodes, plan.DecodeContextTokens) : null;
        StepTime time = plan.Line?.Time ?? Latency.TimeOf(plan.Shape);
        plan.Device = SimTime.Later(time.Device, SimTime.OneTick);
        return time;
    }

    /// <summary>
    /// Whether all steps in flight are decodes of the same requests, of whom none ends in the oldest.
    /// </summary>
    internal static bool MayBeRun(StepPlan plan, StepPlan oldest) =>
        plan.Line is not null
        && oldest.Line is not null
        && oldest.Decodes == plan.Decodes
        && oldest.Ending.Count == 0;

    /// <summary>
    /// The windows of the oldest step and of those that will do the same again: until somebody finishes, blocks run
    /// out, or the scheduler no longer says so.
    /// </summary>
    /// <param name="plan">The last plan, after which nothing would change.</param>
    /// <param name="oldest">The step whose window begins.</param>
    /// <param name="hostLonger">By how much the host's time exceeds the device's in this window.</param>
    /// <param name="now">When the window begins.</param>
    internal StepTimes RunFrom(StepPlan plan, StepPlan oldest, SimTime hostLonger, SimTime now)
    {
        DecodeLine line = oldest.Line!.Value;
        long more = Math.Min(state.Config.MaxRunSteps - 1L, state.Cohort.StepsToNextFinish);
        more = more == 0 ? 0 : state.Cohort.StepsWithin(state.Kv.FreeBlocks, more);
        more = Math.Min(more, (line.LastContextTokens - oldest.DecodeContextTokens) / plan.Decodes);
        long difference = line.TicksPerContextToken * plan.Decodes;
        if (hostLonger > SimTime.Zero)
        {
            // The device's time grows in its shadow, as far as that reaches
            more = difference == 0 ? more : Math.Min(more, hostLonger.Ticks / difference);
            difference = 0;
        }

        int stable = more == 0 ? 1 : scheduler.StableSteps(state);
        StepTimes run = new(oldest.End - now, difference, Math.Min(more, stable) + 1);
        return stable > 1 && run.EndWithin(SimTime.Max - now) ? run : run with { Count = 1 };
    }
}
