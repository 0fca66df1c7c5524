using ServingSim.Kernel;

namespace ServingSim.Cluster.Clients;

/// <summary>Clients that behave alike, and their deadlines.</summary>
internal sealed class ClientClass
{
    private readonly Deadlines? _patience;
    private readonly Deadlines? _timeout;
    private readonly Deadlines? _firstToken;

    /// <summary>No client yet.</summary>
    /// <param name="simulation">The clock.</param>
    /// <param name="rules">How they behave.</param>
    /// <param name="giveUp">
    /// Ends what a client's attempt does: which deadline has come, and whether the client gives up for good.
    /// </param>
    internal ClientClass(Simulation simulation, ClientRules rules, Action<ClientProgress, string, bool> giveUp)
    {
        Rules = rules;
        _patience = Of("patience", rules.Patience, (client, _) => !client.HasEnded, forGood: true);
        _timeout = Of("timeout", rules.Timeout, IsUnderWay, forGood: false);
        _firstToken = Of(
            "first_token_timeout",
            rules.FirstTokenTimeout,
            (client, attempt) => IsUnderWay(client, attempt) && !client.HasFirstToken,
            forGood: false);

        Deadlines? Of(string name, SimTime? after, Func<ClientProgress, int, bool> stands, bool forGood) =>
            after is { } span
                ? new Deadlines(simulation, name, span, stands, client => giveUp(client, name, forGood))
                : null;
    }

    internal ClientRules Rules { get; }

    /// <summary>A client asks, for the first time.</summary>
    internal void Asked(ClientProgress client) => _patience?.Set(client);

    /// <summary>It has sent an attempt.</summary>
    internal void Sent(ClientProgress client)
    {
        _timeout?.Set(client);
        _firstToken?.Set(client);
    }

    private static bool IsUnderWay(ClientProgress client, int attempt) =>
        client.Attempt is not null && client.Attempts == attempt;
}
