using ServingSim.Cluster.Admission;
using ServingSim.Cluster.Clients;
using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Transfer;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster;

/// <summary>What a cluster is made of.</summary>
/// <param name="Pools">Its pools, 1 … <see cref="MostPools"/>, no two of one name.</param>
/// <param name="MakeRouter">Makes a router; called once for every set of pools that can serve some request.</param>
public sealed record ClusterSpec(IReadOnlyList<PoolSpec> Pools, Func<IRouter> MakeRouter)
{
    /// <summary>Pools at most: their inter-token latencies are counted apart, and those of the warm-up.</summary>
    public const int MostPools = ItlClass.Limit - 1;

    /// <summary>Who is let in.</summary>
    public IAdmissionPolicy Admission { get; init; } = new AdmitAll();

    /// <summary>How old the replicas' gauges are that routers see; null: they are of the instant.</summary>
    public ScrapeOptions? Scrape { get; init; }

    /// <summary>What hands requests from prefill to decode pools; null where there are none.</summary>
    public DisaggregationSpec? Disaggregation { get; init; }

    /// <summary>GPUs that all pools together may have; null: as many as they want.</summary>
    public int? GpuBudget { get; init; }

    /// <summary>How clients behave; null: they wait, however long it takes.</summary>
    public ClientsSpec? Clients { get; init; }

    /// <summary>What breaks, and when.</summary>
    public IReadOnlyList<FaultSpec> Faults { get; init; } = [];

    /// <summary>How routers learn which replicas answer; null: they know at once.</summary>
    public HealthOptions? Health { get; init; }

    /// <summary>Chance, for what the cluster itself draws.</summary>
    public RandomStreams Random { get; init; } = new(0);
}
