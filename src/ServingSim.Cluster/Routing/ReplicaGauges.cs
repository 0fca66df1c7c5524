namespace ServingSim.Cluster.Routing;

/// <summary>What a replica's metrics endpoint tells, under vLLM's definitions.</summary>
/// <param name="Waiting">Requests in the waiting queue (num_requests_waiting).</param>
/// <param name="Running">Admitted requests (num_requests_running).</param>
/// <param name="KvCacheUsage">The used share of the KV blocks, 0 … 1 (kv_cache_usage_perc).</param>
public readonly record struct ReplicaGauges(int Waiting, int Running, double KvCacheUsage);
