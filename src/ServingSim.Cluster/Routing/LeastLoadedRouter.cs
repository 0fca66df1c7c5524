using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>Options of <c>least-loaded</c>.</summary>
/// <param name="By">The gauge that is compared.</param>
public sealed record LeastLoadedOptions(LoadGauge By = LoadGauge.Requests);

/// <summary>What a replica's load is measured by.</summary>
public enum LoadGauge
{
    /// <summary>Waiting and running requests.</summary>
    Requests,

    /// <summary>Waiting requests.</summary>
    Waiting,

    /// <summary>The used share of the KV blocks.</summary>
    KvCacheUsage,
}

/// <summary>
/// The replica whose gauge is lowest, ties drawn for the request's number (as llm-d's picker does). It goes by what the
/// replicas last told: with old gauges, all that arrive between two scrapes go to the same replica.
/// </summary>
public sealed class LeastLoadedRouter(LeastLoadedOptions options, RouterContext context) : IRouter
{
    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        double[] loads = [.. replicas.Select(r => LoadOf(r.Gauges))];
        double least = loads.Min();
        int tie = context.DrawsOf(request).NextIndex(loads.Count(load => load == least));
        return Enumerable.Range(0, loads.Length).Where(i => loads[i] == least).ElementAt(tie);
    }

    private double LoadOf(ReplicaGauges gauges) => options.By switch
    {
        LoadGauge.Requests => gauges.Waiting + gauges.Running,
        LoadGauge.Waiting => gauges.Waiting,
        LoadGauge.KvCacheUsage => gauges.KvCacheUsage,
        _ => throw new InvariantException($"no gauge {options.By}"),
    };
}
