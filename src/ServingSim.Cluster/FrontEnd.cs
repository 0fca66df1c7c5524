using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster;

/// <summary>
/// What stands before the replicas of a pool: HTTP, tokenizer, the way to the engine's process. It holds each request
/// for the same time, so that none passes another.
/// </summary>
internal sealed class FrontEnd
{
    private readonly Simulation _simulation;
    private readonly SimTime _time;
    private readonly Action<ReplicaView, Request> _deliver;
    private readonly SimEvent _arrival;
    private readonly Queue<(ReplicaView To, Request Request)> _held = new();

    internal FrontEnd(Simulation simulation, string pool, SimTime time, Action<ReplicaView, Request> deliver)
    {
        (_simulation, _time, _deliver) = (simulation, time, deliver);
        _arrival = new SimEvent(simulation.AddSource($"front end {pool}"), Phase.Arrival, PassOn);
    }

    /// <summary>Those that have not reached their replicas, in order.</summary>
    internal IEnumerable<(ReplicaView To, Request Request)> Held => _held;

    /// <summary>When a request that is sent now reaches its replica.</summary>
    internal SimTime ArrivalOfNext => _simulation.Now + _time;

    /// <summary>Takes in a request that reaches its replica at <see cref="ArrivalOfNext"/>.</summary>
    internal void Hold(ReplicaView to, Request request)
    {
        _held.Enqueue((to, request));
        if (_held.Count == 1)
        {
            _simulation.Schedule(_arrival, request.Arrival);
        }
    }

    private void PassOn()
    {
        (ReplicaView to, Request request) = _held.Dequeue();
        _deliver(to, request);
        if (_held.TryPeek(out (ReplicaView To, Request Request) next))
        {
            _simulation.Schedule(_arrival, next.Request.Arrival);
        }
    }
}
