using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>Any replica with equal chance, drawn for the request's number.</summary>
public sealed class RandomRouter(RouterContext context) : IRouter
{
    internal const string Stream = "router";

    private readonly RandomStream _choices = context.Random.Stream(Stream);

    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas) =>
        _choices.At(request.Id).NextIndex(replicas.Count);
}
