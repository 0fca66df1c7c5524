namespace ServingSim.Cluster.Routing;

/// <summary>Any replica with equal chance, drawn for the request's number and attempt.</summary>
public sealed class RandomRouter(RouterContext context) : IRouter
{
    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas) =>
        context.DrawsOf(request).NextIndex(replicas.Count);
}
