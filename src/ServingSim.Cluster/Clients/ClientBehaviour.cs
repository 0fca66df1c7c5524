using ServingSim.Kernel;

namespace ServingSim.Cluster.Clients;

/// <summary>
/// What clients do beside waiting: they give attempts up, and try again after a while. Each retry's wait is drawn for
/// (client, attempt), so that it depends on nothing else that happens.
/// </summary>
internal sealed class ClientBehaviour
{
    private readonly Simulation _simulation;
    private readonly RandomStream _jitter;
    private readonly Action<ClientRequest> _tryAgain;
    private readonly EventSource _retries;
    private readonly ClientClass _others;
    private readonly IReadOnlyList<(LabelledClients Clients, ClientClass Class)> _labelled;
    private readonly List<ClientProgress> _backingOff = [];

    /// <summary>The behaviour of clients none of which has asked.</summary>
    /// <param name="simulation">The clock.</param>
    /// <param name="spec">Their rules.</param>
    /// <param name="random">Chance.</param>
    /// <param name="tryAgain">Sends a client's request again.</param>
    /// <param name="giveUp">Ends a client's attempt, for a reason, and for good or not.</param>
    internal ClientBehaviour(
        Simulation simulation,
        ClientsSpec spec,
        RandomStreams random,
        Action<ClientRequest> tryAgain,
        Action<ClientProgress, string, bool> giveUp)
    {
        (_simulation, _tryAgain, _jitter) = (simulation, tryAgain, random.Stream("retries"));
        _retries = simulation.AddSource("retries");
        _others = new ClientClass(simulation, spec.Rules, giveUp);
        _labelled = [.. spec.ByLabel.Select(c => (c, new ClientClass(simulation, c.Rules, giveUp)))];
    }

    /// <summary>Those that wait to try again, in no particular order.</summary>
    internal IReadOnlyList<ClientProgress> BackingOff => _backingOff;

    /// <summary>A client asks, for the first time.</summary>
    internal void Asked(ClientRequest client)
    {
        ClientClass behaviour = ClassOf(client.Labels);
        if (!behaviour.Rules.AreNone)
        {
            client.Progress = new ClientProgress(client) { Class = behaviour };
            behaviour.Asked(client.Progress);
        }
    }

    /// <summary>An attempt failed: whether its client will try again.</summary>
    internal bool WillRetry(ClientProgress client, FailureCause cause)
    {
        if (client.Class?.Rules.Retries is not { } retries
            || client.Attempts > retries.MaxRetries
            || !retries.After.Contains(cause))
        {
            return false;
        }

        int retry = client.Attempts - 1;
        client.Retry ??= new SimEvent(_retries, Phase.Arrival, () => Retry(client));
        client.PlaceBackingOff = _backingOff.Count;
        _backingOff.Add(client);
        _simulation.Schedule(
            client.Retry,
            _simulation.Now + retries.Backoff(retry, _jitter.At(client.Client.Id, retry)));
        return true;
    }

    /// <summary>A client gives up while it waits to try again.</summary>
    internal void StopBackingOff(ClientProgress client)
    {
        int place = client.PlaceBackingOff!.Value;
        ClientProgress last = _backingOff[^1];
        _backingOff[place] = last;
        last.PlaceBackingOff = place;
        _backingOff.RemoveAt(_backingOff.Count - 1);
        client.PlaceBackingOff = null;
        _simulation.Cancel(client.Retry!);
    }

    private void Retry(ClientProgress client)
    {
        StopBackingOff(client);
        _tryAgain(client.Client);
    }

    private ClientClass ClassOf(Labels labels)
    {
        foreach ((LabelledClients clients, ClientClass behaviour) in _labelled)
        {
            if (labels[clients.Label] == clients.Value)
            {
                return behaviour;
            }
        }

        return _others;
    }
}
