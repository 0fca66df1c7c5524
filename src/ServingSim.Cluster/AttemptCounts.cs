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

    /// <summary>Output tokens that their clients had got and threw away.</summary>
    public long WastedOutputTokens { get; private set; }

    internal void CountWasted(int computed, int received)
    {
        WastedTokens += Math.Max(0, computed);
        WastedOutputTokens += received;
    }
}
