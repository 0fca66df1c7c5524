using ServingSim.Cluster.Transfer;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Faults;

/// <summary>One fault of one replica: what it does to it, and what came of it.</summary>
public sealed class FaultStrike
{
    private readonly FaultyReplica _victim;

    internal FaultStrike(string fault, FaultyReplica victim, SimTime at) => (Fault, _victim, At) = (fault, victim, at);

    /// <summary>The fault's name.</summary>
    public string Fault { get; }

    /// <summary>The replica that it struck.</summary>
    public string Replica => _victim.View.Replica.Name;

    /// <summary>When it was known or, without notice, began.</summary>
    public SimTime At { get; }

    /// <summary>When it was over; null if it is not.</summary>
    public SimTime? EndedAt { get; internal set; }

    /// <summary>When routers stopped sending requests there because of it; null if they did not.</summary>
    public SimTime? NoticedAt { get; internal set; }

    /// <summary>Attempts that it took: those that the replica had, and those that were sent there in vain.</summary>
    public int LostAttempts { get; internal set; }

    /// <summary>
    /// Tokens of running requests, and prompt tokens of prefilled ones, whose KV was lost before they could go on with
    /// it.
    /// </summary>
    public long LostTokens { get; internal set; }

    /// <summary>Transfers over the links that it struck that were under way when it began, or began later.</summary>
    public int Transfers { get; internal set; }

    /// <summary>The replica breaks; if it is broken already, it stays so until both are repaired.</summary>
    /// <param name="hangs">Whether its requests hang, and do not fail at once.</param>
    public void Break(bool hangs) => _victim.Break(this, hangs);

    /// <summary>What <see cref="Break"/> did is repaired.</summary>
    public void Repair() => _victim.Repair();

    /// <summary>The replica's machine is taken away, and not paid for any more.</summary>
    public void TakeMachine() => _victim.TakeMachine();

    /// <summary>Another machine has taken the place of what <see cref="TakeMachine"/> took.</summary>
    public void ReplaceMachine() => _victim.ReplaceMachine();

    /// <summary>Nothing more is sent to the replica.</summary>
    public void Drain() => _victim.Drain(this);

    /// <summary>What <see cref="Drain"/> did is over.</summary>
    public void StopDraining() => _victim.StopDraining();

    /// <summary>The replica's device takes so many millionths of its usual time for each step.</summary>
    public void SlowDown(int partsPerMillion) => _victim.SlowDown(partsPerMillion);

    /// <summary>What <see cref="SlowDown"/> did is over.</summary>
    public void SpeedUp(int partsPerMillion) => _victim.SpeedUp(partsPerMillion);

    /// <summary>The replica's links move so many millionths of what they did.</summary>
    public void Narrow(KvLinks links, int partsPerMillion) => _victim.Narrow(this, links, partsPerMillion);

    /// <summary>What <see cref="Narrow"/> did is over.</summary>
    public void Widen(KvLinks links) => _victim.Widen(this, links);
}
