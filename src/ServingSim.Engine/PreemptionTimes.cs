using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>How long a request that was preempted has waited again; most never are.</summary>
internal sealed class PreemptionTimes
{
    /// <summary>Time that it waited again.</summary>
    internal SimTime Total { get; private set; }

    /// <summary>The part of that before its first token.</summary>
    internal SimTime BeforeFirstToken { get; private set; }

    /// <summary>Since when it waits again; null while it does not.</summary>
    internal SimTime? Since { get; set; }

    /// <summary>It runs again.</summary>
    internal void End(SimTime now, SimTime? firstToken)
    {
        if (Since is { } since)
        {
            Total += now - since;

            // The first token may come of a step that was in flight when it was preempted
            SimTime first = SimTime.Later(since, SimTime.Min(now, firstToken ?? now));
            BeforeFirstToken += first - since;
            Since = null;
        }
    }
}
