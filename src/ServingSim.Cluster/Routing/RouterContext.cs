using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>What a router is made with.</summary>
/// <param name="Random">Chance, for routers that need it.</param>
public sealed record RouterContext(RandomStreams Random)
{
    private readonly Dictionary<Type, object> _shared = [];

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
