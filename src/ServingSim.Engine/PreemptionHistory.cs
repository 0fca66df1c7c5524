using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>What preemptions have cost a request; most have none.</summary>
internal sealed class PreemptionHistory
{
    /// <summary>Time that it waited again.</summary>
    internal SimTime Total { get; private set; }

    /// <summary>The part of that before its first token.</summary>
    internal SimTime BeforeFirstToken { get; private set; }

    /// <summary>Since when it waits again; null while it does not.</summary>
    internal SimTime? Since { get; private set; }

    /// <summary>The most tokens that it had computed when its KV was taken.</summary>
    internal int MostComputed { get; private set; }

    /// <summary>Its KV is taken, of so many tokens.</summary>
    internal void Begin(SimTime now, int computed) =>
        (Since, MostComputed) = (now, Math.Max(MostComputed, computed));

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
