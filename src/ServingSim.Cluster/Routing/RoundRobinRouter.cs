namespace ServingSim.Cluster.Routing;

/// <summary>One replica after the other, in order.</summary>
public sealed class RoundRobinRouter : IRouter
{
    private int _next;

    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        int chosen = _next % replicas.Count;
        _next = chosen + 1;
        return chosen;
    }
}
