using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>What a router is made with.</summary>
/// <param name="Random">Chance, for routers that need it.</param>
/// <param name="Stream">
/// Names that chance: the choice of a decode replica is drawn apart from that of the prefill replica.
/// </param>
public sealed record RouterContext(RandomStreams Random, string Stream = "router")
{
    private readonly Dictionary<Type, object> _shared = [];
    private readonly RandomStream _choices = Random.Stream(Stream);

    /// <summary>The draws of a choice for a request, of every attempt others.</summary>
    public Draws DrawsOf(ClientRequest request) =>
        request.Progress is { Attempts: > 1 } again ? _choices.At(request.Id, again.Attempts) : _choices.At(request.Id);

    /// <summary>
    /// What all routers made with this context have in common: one router serves the cluster, although each set of
    /// pools that can serve some request has an instance of its own.
    /// </summary>
    internal T Shared<T>(Func<T> make)
        where T : class
    {
        if (!_shared.TryGetValue(typeof(T), out object? shared))
        {
            _shared.Add(typeof(T), shared = make());
        }

        return (T)shared;
    }
}
