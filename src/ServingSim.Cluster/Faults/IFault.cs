using ServingSim.Cluster.Transfer;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Faults;

/// <summary>What breaks. One object serves every replica that it strikes, so it remembers nothing of them.</summary>
public interface IFault
{
    /// <summary>How long before it begins it is known.</summary>
    SimTime Notice => SimTime.Zero;

    /// <summary>The links that it strikes; null where it strikes the replica itself.</summary>
    KvLinks? Links => null;

    /// <summary>It is known that it will begin; only where there is a notice.</summary>
    void Announce(FaultStrike strike)
    {
    }

    /// <summary>What was announced will not begin: what it would strike is no more there. It takes that back.</summary>
    void Withdraw(FaultStrike strike)
    {
    }

    /// <summary>It begins.</summary>
    void Begin(FaultStrike strike);

    /// <summary>It is over, and takes back whatever it did.</summary>
    void End(FaultStrike strike);
}
