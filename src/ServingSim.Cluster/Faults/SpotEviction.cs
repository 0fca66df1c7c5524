using System.ComponentModel;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Faults;

/// <summary>Options of <c>spot-eviction</c>.</summary>
/// <param name="Notice">
/// How long before it happens it is known: 2 minutes on AWS (EC2 Spot interruption notices), 30 s on Google Cloud and
/// Azure.
/// </param>
public sealed record SpotEvictionOptions([property: DefaultValue("2m")] SimTime Notice) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Notice < SimTime.Zero)
        {
            yield return (nameof(Notice), $"found {Notice}, expected at least 0");
        }
    }
}

/// <summary>
/// A replica's machine is taken away: from the notice on nothing more is sent there, then it is gone with what it has
/// not finished, and not paid for. When it is over another machine has taken its place, with an empty cache.
/// </summary>
public sealed class SpotEviction(SpotEvictionOptions options) : IFault
{
    /// <inheritdoc/>
    public SimTime Notice => options.Notice;

    /// <inheritdoc/>
    public void Announce(FaultStrike strike) => strike.Drain();

    /// <inheritdoc/>
    public void Withdraw(FaultStrike strike) => strike.StopDraining();

    /// <inheritdoc/>
    public void Begin(FaultStrike strike)
    {
        strike.TakeMachine();
        strike.Break(hangs: false);
    }

    /// <inheritdoc/>
    public void End(FaultStrike strike)
    {
        strike.ReplaceMachine();
        strike.Repair();
        if (Notice > SimTime.Zero)
        {
            strike.StopDraining();
        }
    }
}
