using System.Globalization;
using ServingSim.Cluster.Faults;
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
        return pools.TryGetValue(pool, out PoolSection? section) && !(replica >= section.Replicas)
            ? null
            : $"found '{On}', expected a pool or a replica: "
                + string.Join(", ", pools.Select(p => $"{p.Key}, {p.Key}/0 … {p.Key}/{p.Value.Replicas - 1}"));
    }

    /// <summary>The pool, and which of its replicas; null for each.</summary>
    internal (string Pool, int? Replica) Target(IReadOnlyDictionary<string, PoolSection> pools)
    {
        int slash = On.LastIndexOf('/');
        bool isReplica = int.TryParse(
            On.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int replica);
        return !pools.ContainsKey(On) && slash >= 0 && isReplica ? (On[..slash], replica) : (On, null);
    }
}
