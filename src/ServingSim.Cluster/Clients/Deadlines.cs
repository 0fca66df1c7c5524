using ServingSim.Kernel;

namespace ServingSim.Cluster.Clients;

/// <summary>
/// Instants that all come equally long after they were set, so that they come in the order in which they were: one
/// pending event for them all, and none of them is ever taken back.
/// </summary>
internal sealed class Deadlines
{
    private readonly Simulation _simulation;
    private readonly SimTime _after;
    private readonly Func<ClientProgress, int, bool> _stands;
    private readonly Action<ClientProgress> _reached;
    private readonly SimEvent _next;
    private readonly Queue<(SimTime At, ClientProgress Client, int Attempt)> _set = new();

    /// <summary>No deadline yet.</summary>
    /// <param name="simulation">The clock.</param>
    /// <param name="name">What they are called.</param>
    /// <param name="after">How long after it is set one comes.</param>
    /// <param name="stands">Whether a client still waits for what it set the deadline of, in that attempt.</param>
    /// <param name="reached">What happens to such a client.</param>
    internal Deadlines(
        Simulation simulation,
        string name,
        SimTime after,
        Func<ClientProgress, int, bool> stands,
        Action<ClientProgress> reached)
    {
        (_simulation, _after, _stands, _reached) = (simulation, after, stands, reached);
        _next = new SimEvent(simulation.AddSource(name), Phase.Abort, Reach);
    }

    /// <summary>Sets one for a client's present attempt.</summary>
    internal void Set(ClientProgress client)
    {
        _set.Enqueue((_simulation.Now + _after, client, client.Attempts));
        if (_set.Count == 1)
        {
            _simulation.Schedule(_next, _set.Peek().At);
        }
    }

    private void Reach()
    {
        while (_set.TryPeek(out (SimTime At, ClientProgress Client, int Attempt) first))
        {
            bool stands = _stands(first.Client, first.Attempt);
            if (stands && first.At > _simulation.Now)
            {
                _simulation.Schedule(_next, first.At);
                return;
            }

            _set.Dequeue();
            if (stands)
            {
                _reached(first.Client);
            }
        }
    }
}
