using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>Options of <c>consistent-hash</c>.</summary>
/// <param name="Label">The label whose value is hashed, for requests that have it.</param>
/// <param name="PrefixTokens">How many of the prompt's first tokens are hashed for requests that have not.</param>
/// <param name="LoadFactor">
/// A replica is passed over when its unended requests exceed this multiple of the mean with the new request.
/// </param>
/// <param name="VirtualNodes">
/// Points of each replica on the hash ring; 160 in vLLM's router (consistent_hash.rs, VIRTUAL_NODES_PER_WORKER) and
/// in libmemcached's Ketama (MEMCACHED_POINTS_PER_SERVER_KETAMA), 150 in SMG (worker_registry.rs).
/// </param>
public sealed record ConsistentHashOptions(
    string Label = ConsistentHashOptions.UsualLabel,
    int PrefixTokens = 256,
    double LoadFactor = 1.25,
    int VirtualNodes = 160) : IValidated, ILabelOptions
{
    private const string UsualLabel = "session";

    /// <summary>One that was chosen: without it the router goes by the prompt.</summary>
    public (string Parameter, string Label)? RequiredLabel => Label == UsualLabel ? null : (nameof(Label), Label);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (PrefixTokens < 1)
        {
            yield return (nameof(PrefixTokens), $"found {PrefixTokens}, expected at least 1");
        }

        if (!(LoadFactor is >= 1 and <= 1e6))
        {
            yield return (nameof(LoadFactor), $"found {LoadFactor}, expected a number from 1 to 1e6");
        }

        foreach ((string?, string) problem in HashRing.Problems(Label, VirtualNodes))
        {
            yield return problem;
        }
    }
}

/// <summary>
/// Consistent hashing with bounded loads (Mirrokni et al. 2018; SMG's prefix_hash): the first replica from the key's
/// place on the ring whose unended requests are at most load_factor · (all + 1) / replicas.
/// </summary>
public sealed class ConsistentHashRouter(ConsistentHashOptions options) : IRouter
{
    private readonly HashRing _ring = new(options.VirtualNodes);

    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        ulong key = request.Labels[options.Label] is { } text
            ? RoutingKeys.OfText(text)
            : RoutingKeys.OfFirst(request.Prompt, options.PrefixTokens);
        double bound = options.LoadFactor * (replicas.Sum(r => (long)r.Outstanding) + 1) / replicas.Count;

        // The least loaded replica is at most at the mean, hence within the bound: the walk always finds one
        return _ring.Walk(key, replicas).First(replica => replicas[replica].Outstanding <= bound);
    }
}
