using ServingSim.Cluster.Transfer;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Faults;

/// <summary>Options of <c>link</c>.</summary>
/// <param name="Factor">What is left of the links' bandwidth; 0: nothing, they are lost.</param>
/// <param name="Link">Which links.</param>
public sealed record LinkFaultOptions(double Factor = 0, KvLinks Link = KvLinks.Network) : IValidated
{
    /// <summary>Factors are kept in millionths.</summary>
    internal int PartsPerMillion => (int)Math.Round(Factor * 1e6);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(Factor is 0 or >= 1e-6) || PartsPerMillion >= 1_000_000)
        {
            yield return (nameof(Factor), $"found {Factor}, expected 0 (lost), or from 0.000001 to below 1");
        }
    }
}

/// <summary>
/// The links over which a replica's KV moves carry less, or nothing: a cable that was renegotiated to fewer lanes, a
/// flapping port, a switch that is gone. Transfers over them slow down or wait; requests, health checks and routers
/// take other ways and see nothing of it. Where several last at once their factors multiply.
/// </summary>
public sealed class LinkFault(LinkFaultOptions options) : IFault
{
    /// <inheritdoc/>
    public KvLinks? Links => options.Link;

    /// <inheritdoc/>
    public void Begin(FaultStrike strike) => strike.Narrow(options.Link, options.PartsPerMillion);

    /// <inheritdoc/>
    public void End(FaultStrike strike) => strike.Widen(options.Link);
}
