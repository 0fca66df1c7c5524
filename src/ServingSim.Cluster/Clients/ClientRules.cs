using ServingSim.Kernel;

namespace ServingSim.Cluster.Clients;

/// <summary>
/// How long clients wait, and whether they try again. What is given up is aborted in the engine, which frees its KV.
/// </summary>
/// <param name="FirstTokenTimeout">An attempt is given up that has no first token so long after it was sent.</param>
/// <param name="Timeout">An attempt is given up that has not ended so long after it was sent.</param>
/// <param name="Patience">
/// So long after it first asked, a client gives up for good, whether an attempt is under way or it waits to try again.
/// </param>
/// <param name="Retries">How clients try again; without it they do not.</param>
public sealed record ClientRules(
    SimTime? FirstTokenTimeout = null, SimTime? Timeout = null, SimTime? Patience = null, RetryOptions? Retries = null)
    : IValidated
{
    /// <summary>Whether they only wait.</summary>
    internal bool AreNone => this == new ClientRules();

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        foreach ((string name, SimTime? time) in new[]
        {
            (nameof(FirstTokenTimeout), FirstTokenTimeout), (nameof(Timeout), Timeout), (nameof(Patience), Patience),
        })
        {
            if (time <= SimTime.Zero)
            {
                yield return (name, "found 0, expected more");
            }
        }
    }
}

/// <summary>Rules for the clients whose requests carry a label with this value.</summary>
/// <param name="Label">The label's name, as in "service".</param>
/// <param name="Value">The value it must have.</param>
/// <param name="Rules">The rules.</param>
public sealed record LabelledClients(string Label, string Value, ClientRules Rules);

/// <summary>The rules of all clients.</summary>
/// <param name="Rules">Those of the clients that no entry matches.</param>
/// <param name="ByLabel">Those of some clients, the first match first.</param>
public sealed record ClientsSpec(ClientRules Rules, IReadOnlyList<LabelledClients> ByLabel);
