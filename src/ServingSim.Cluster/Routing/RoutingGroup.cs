namespace ServingSim.Cluster.Routing;

/// <summary>The pools that can serve some requests, and the router that chooses among all their replicas.</summary>
internal sealed class RoutingGroup(IEnumerable<Pool> pools, IRouter router)
{
    /// <summary>All replicas of its pools, in order.</summary>
    internal IReadOnlyList<ReplicaView> Views { get; } = [.. pools.SelectMany(p => p.Views)];

    internal IRouter Router => router;

    internal ReplicaView Choose(ClientRequest client)
    {
        int chosen = router.Choose(client, Views);
        Kernel.Check.That(chosen >= 0 && chosen < Views.Count, $"the router chose replica {chosen}");
        return Views[chosen];
    }
}
