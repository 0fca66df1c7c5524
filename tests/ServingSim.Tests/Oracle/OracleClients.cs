namespace ServingSim.Tests.Oracle;

/// <summary>The clients of <see cref="OracleCluster"/>: who waits, who gives up when, and who tries again.</summary>
internal sealed class OracleClients(OracleClusterScenario scenario, Func<long> now)
{
    private readonly Queue<OracleClient> _arrivals = [];
    private readonly List<OracleClient> _waiting = [];
    private readonly List<OracleClient> _backingOff = [];

    public IReadOnlyList<OracleClient> All { get; private set; } = [];

    /// <summary>They are about to ask.</summary>
    public void Begin()
    {
        All = [.. scenario.Engine.Requests.Select(r => new OracleClient(r))];
        foreach (OracleClient client in All.OrderBy(c => c.Request.Arrival))
        {
            _arrivals.Enqueue(client);
        }
    }

    public IEnumerable<long?> Times() =>
    [
        .. _waiting.Select(c => c.Deadline), .. _backingOff.Select(c => c.RetryAt),
        .. _arrivals.Take(1).Select(c => (long?)c.Request.Arrival),
    ];

    /// <summary>Whose attempt a sequence is; null where nobody waits for it.</summary>
    public OracleClient? Of(OracleSequence sequence) =>
        All.FirstOrDefault(c => c.Engine is not null && c.Sequence == sequence);

    public OracleHandover HandoverOf(OracleSequence decode, int engine) =>
        All.SelectMany(c => c.Handovers).Single(h => h.Decode == decode && h.To == engine);

    /// <summary>Those who wait no longer.</summary>
    public List<OracleClient> GivingUp() => _waiting.FindAll(c => c.Deadline == now());

    /// <summary>Those who ask now, again or for the first time.</summary>
    public IEnumerable<OracleClient> Asking()
    {
        foreach (OracleClient client in _backingOff.FindAll(c => c.RetryAt == now()))
        {
            _backingOff.Remove(client);
            yield return client;
        }

        while (_arrivals.TryPeek(out OracleClient? next) && next.Request.Arrival == now())
        {
            yield return _arrivals.Dequeue();
        }
    }

    /// <summary>An attempt is under way.</summary>
    public void Wait(OracleClient client)
    {
        if (scenario.Timeout is { } patience)
        {
            client.Deadline = now() + patience;
            _waiting.Add(client);
        }
    }

    /// <summary>An attempt has failed: the client tries again, or that was all.</summary>
    public void Fail(OracleClient client, string outcome)
    {
        StopWaiting(client);
        if (client.Attempts > scenario.Retries)
        {
            End(client, outcome);
            return;
        }

        client.RetryAt = now() + scenario.Backoff;
        _backingOff.Add(client);
    }

    public void End(OracleClient client, string outcome)
    {
        StopWaiting(client);
        client.Outcome = outcome;
    }

    private void StopWaiting(OracleClient client)
    {
        (client.Engine, client.Deadline) = (null, null);
        _waiting.Remove(client);
    }
}
