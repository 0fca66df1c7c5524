namespace ServingSim.Cluster.Routing;

/// <summary>
/// The pools that can serve some requests, and the router that chooses among those of their replicas that can be
/// chosen.
/// </summary>
internal sealed class RoutingGroup(IEnumerable<Pool> pools, IRouter router)
{
    private readonly Pool[] _pools = [.. pools];
    private ReplicaView[] _views = [];
    private long _changes = -1;

    /// <summary>
    /// The replicas that can be chosen, in order: the same list until one becomes one of them or no longer is.
    /// </summary>
    internal IReadOnlyList<ReplicaView> Views
    {
        get
        {
            long changes = 0;
            foreach (Pool pool in _pools)
            {
                changes += pool.MembershipChanges;
            }

            if (changes != _changes)
            {
                _views = [.. _pools.SelectMany(p => p.Views).Where(v => v.IsRoutable)];
                _changes = changes;
            }

            return _views;
        }
    }

    internal IRouter Router => router;

    /// <summary>The replica for a request; null where none can be chosen.</summary>
    internal ReplicaView? Choose(ClientRequest client)
    {
        IReadOnlyList<ReplicaView> views = Views;
        if (views.Count == 0)
        {
            return null;
        }

        int chosen = router.Choose(client, views);
        Kernel.Check.That(chosen >= 0 && chosen < views.Count, $"the router chose replica {chosen}");
        return views[chosen];
    }
}
