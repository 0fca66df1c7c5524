using System.Globalization;
using ServingSim.Cluster;
using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Transfer;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Scenarios;

/// <summary>Something that breaks.</summary>
/// <param name="Fault">What.</param>
/// <param name="On">A replica, as "main/0", or a pool, as "main": each of its replicas by itself.</param>
/// <param name="When">When, and for how long.</param>
public sealed record FaultSection(
    PartChoice<IFault, NoContext> Fault, string On, PartChoice<IFaultPlan, FaultPlanContext> When) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        // Whether faults overlap depends on no chance
        FaultPlanContext context = new(new RandomStreams(0), "");
        if (When.Create(context).Overlap(Fault.Create(default).Notice) is { } overlap)
        {
            yield return (nameof(When), overlap);
        }
    }

    /// <summary>What is wrong with <see cref="On"/> in a cluster of these pools; null if nothing is.</summary>
    internal string? ProblemIn(IReadOnlyDictionary<string, PoolSection> pools)
    {
        (string pool, int? replica) = Target(pools);
        return pools.TryGetValue(pool, out PoolSection? section) && !(replica >= section.MostReplicasOfAny)
            ? null
            : $"found '{On}', expected a pool or a replica: "
                + string.Join(", ", pools.Select(p => $"{p.Key}, {p.Key}/0 … {p.Key}/{p.Value.MostReplicasOfAny - 1}"));
    }

    /// <summary>
    /// What is wrong with a fault of links in a cluster in which its target is right; null if nothing is.
    /// </summary>
    internal string? ProblemOfLinks(ClusterSection cluster)
    {
        if (Fault.Create(default).Links is not { } links)
        {
            return null;
        }

        if (cluster.Pools.Values.All(pool => pool.Role == PoolRole.Mixed))
        {
            return "found a fault of links over which no KV moves, expected pools of role prefill and decode";
        }

        (string target, int? replica) = Target(cluster.Pools);
        if (cluster.Pools[target].Role == PoolRole.Mixed)
        {
            return $"found links of {On}, which both prefills and decodes (role mixed), so that no KV moves over "
                + "them; expected one of "
                + string.Join(", ", cluster.Pools.Where(p => p.Value.Role != PoolRole.Mixed).Select(p => p.Key));
        }

        PoolSection[] pools = [.. cluster.Pools.Values];
        DisaggregationSection section = cluster.Disaggregation!;
        (PoolSection Pool, int Replica, int Node)[] laid =
        [
            .. section.Network
                .Lay([.. pools.Select(pool => ((int)pool.MostReplicasOfAny, pool.Parallelism.Tp))])
                .Select(l => (pools[l.Pool], l.Replica, l.Node)),
        ];
        bool isUsed = laid.Any(a => a.Pool == cluster.Pools[target] && (replica ?? a.Replica) == a.Replica
            && laid.Any(b => AreSides(a.Pool.Role, b.Pool.Role) && (a.Node == b.Node) == (links == KvLinks.Node)));
        (string what, string node) = links == KvLinks.Network
            ? ("network cards", "the same node")
            : ("links within the node", "another node");
        return isUsed
            ? null
            : $"found the {what} of {On}, over which no KV moves: whomever it could go to is on {node} "
                + "(cluster.disaggregation.network)";
    }

    private static bool AreSides(PoolRole a, PoolRole b) =>
        (a, b) is (PoolRole.Prefill, PoolRole.Decode) or (PoolRole.Decode, PoolRole.Prefill);

    /// <summary>The pool, and which of its replicas; null for each.</summary>
    internal (string Pool, int? Replica) Target(IReadOnlyDictionary<string, PoolSection> pools)
    {
        int slash = On.LastIndexOf('/');
        bool isReplica = int.TryParse(
            On.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int replica);
        return !pools.ContainsKey(On) && slash >= 0 && isReplica ? (On[..slash], replica) : (On, null);
    }
}
