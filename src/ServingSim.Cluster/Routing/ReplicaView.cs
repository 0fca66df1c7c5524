using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// A replica as a router sees it: its own count of what it sent, and the replica's gauges as of this instant.
/// </summary>
public sealed class ReplicaView
{
    private readonly Simulation _simulation;
    private readonly Replica _replica;

    internal ReplicaView(Simulation simulation, Replica replica) => (_simulation, _replica) = (simulation, replica);

    /// <summary>Requests that the router sent there and that have not ended.</summary>
    public int Outstanding { get; internal set; }

    /// <summary>Prompt tokens of those requests.</summary>
    public long OutstandingPromptTokens { get; internal set; }

    /// <summary>Requests in the waiting queue (vLLM's num_requests_waiting).</summary>
    public int Waiting => Settled.Waiting.Count;

    /// <summary>Admitted requests (vLLM's num_requests_running).</summary>
    public int Running => Settled.RunningCount;

    /// <summary>The used share of the KV blocks, 0 … 1 (vLLM's kv_cache_usage_perc).</summary>
    public double KvCacheUsage => Settled.Kv.Usage;

    private ReplicaState Settled
    {
        get
        {
            _replica.SettleTo(_simulation.Now, _simulation.Phase);
            return _replica.State;
        }
    }
}
