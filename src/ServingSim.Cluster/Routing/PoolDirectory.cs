namespace ServingSim.Cluster.Routing;

/// <summary>
/// Finds the pools that can serve a request: those that serve its labels and whose engine takes its prompt. Every set
/// of pools that comes up has a router of its own. A prefill pool can serve what a decode pool can go on with.
/// </summary>
internal sealed class PoolDirectory(
    IReadOnlyList<Pool> pools, Func<IRouter> makeRouter, PoolDirectory? decode = null)
{
    /// <summary>No pool serves a request's labels.</summary>
    private const string NoPool = "no_pool";

    private readonly Dictionary<ulong, RoutingGroup> _groups = [];

    /// <summary>The pools that can serve a request; where there is none, why.</summary>
    internal (RoutingGroup? Group, string? ReasonToRefuse) Find(ClientRequest client)
    {
        ulong set = 0;
        string reason = NoPool;
        for (int i = 0; i < pools.Count; i++)
        {
            if (!pools[i].Serves(client.Labels))
            {
                continue;
            }

            if (pools[i].Replicas[0].ReasonToRefuse(client.PromptTokens) is { } refusal)
            {
                reason = refusal;
                continue;
            }

            if (pools[i].Role == PoolRole.Prefill && decode?.Find(client) is (null, { } noDecode))
            {
                reason = noDecode;
                continue;
            }

            set |= 1UL << i;
        }

        return set == 0 ? (null, reason) : (GroupOf(set), null);
    }

    private RoutingGroup GroupOf(ulong set)
    {
        if (!_groups.TryGetValue(set, out RoutingGroup? group))
        {
            group = new RoutingGroup(pools.Where((_, i) => (set >> i & 1) == 1), makeRouter());
            _groups.Add(set, group);
        }

        return group;
    }
}
