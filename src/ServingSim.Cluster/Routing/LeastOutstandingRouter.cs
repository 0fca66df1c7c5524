namespace ServingSim.Cluster.Routing;

/// <summary>
/// The replica with the fewest requests that this router sent and that have not ended; ties go to the first.
/// </summary>
public sealed class LeastOutstandingRouter : IRouter
{
    private LeastByCount? _least;

    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        _least = LeastByCount.Of(replicas, static r => r.Outstanding, _least);
        return _least.First;
    }
}
