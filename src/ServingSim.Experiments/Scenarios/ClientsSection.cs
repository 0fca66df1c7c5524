using System.ComponentModel;
using ServingSim.Cluster.Clients;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>What clients do beside waiting.</summary>
/// <param name="ByLabel">Rules that hold instead for requests with a label's value; the first that fits holds.</param>
/// <param name="FirstTokenTimeout">
/// An attempt is given up that has no first token so long after it was sent.
/// </param>
/// <param name="Timeout">An attempt is given up that has not ended so long after it was sent.</param>
/// <param name="Patience">So long after it first asked, a client gives up for good.</param>
/// <param name="Retries">How clients try again; without it they do not.</param>
public sealed record ClientsSection(
    [property: DefaultValue("[]")] IReadOnlyList<LabelledClients> ByLabel,
    SimTime? FirstTokenTimeout = null,
    SimTime? Timeout = null,
    SimTime? Patience = null,
    RetryOptions? Retries = null) : IValidated
{
    private ClientRules Rules => new(FirstTokenTimeout, Timeout, Patience, Retries);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Rules.Problems();

    /// <summary>The rules as the cluster knows them.</summary>
    internal ClientsSpec Spec() => new(Rules, ByLabel);
}
