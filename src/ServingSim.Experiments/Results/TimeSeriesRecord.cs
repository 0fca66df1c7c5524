namespace ServingSim.Experiments.Results;

/// <summary>One row of <c>timeseries.csv</c>: what happened in one pool during one window of simulated time.</summary>
public sealed record TimeSeriesRecord
{
    /// <summary>
    /// <c>t_s</c>: where the window starts, in seconds since the start; it ends where the next one starts.
    /// </summary>
    public required double StartS { get; init; }

    /// <summary><c>pool</c>: the pool's name.</summary>
    public required string Pool { get; init; }

    /// <summary><c>arrived</c>: requests sent to the pool in the window.</summary>
    public required long Arrived { get; init; }

    /// <summary><c>refused</c>: requests that were refused after one of its replicas had been chosen.</summary>
    public required long Refused { get; init; }

    /// <summary><c>completed</c>: requests that it completed in the window.</summary>
    public required long Completed { get; init; }

    /// <summary><c>failed</c>: attempts there that were given up or lost in the window.</summary>
    public long Failed { get; init; }

    /// <summary><c>running_mean</c>: mean number of running requests over the window's time.</summary>
    public required double RunningMean { get; init; }

    /// <summary><c>waiting_mean</c>: mean number of waiting requests over the window's time.</summary>
    public required double WaitingMean { get; init; }

    /// <summary><c>kv_cache_usage_mean</c>: mean share of KV blocks in use, from 0 to 1.</summary>
    public required double KvCacheUsageMean { get; init; }

    /// <summary>
    /// <c>ttft_p50_s</c>: median time to first token of the first tokens in the window; empty for none.
    /// </summary>
    public double? TtftP50S { get; init; }

    /// <summary><c>ttft_p99_s</c>: their 99th percentile.</summary>
    public double? TtftP99S { get; init; }

    /// <summary><c>preemptions</c>: in the window.</summary>
    public required long Preemptions { get; init; }

    /// <summary><c>prompt_tokens</c>: prompt tokens computed by steps that began in the window.</summary>
    public required long PromptTokens { get; init; }

    /// <summary><c>output_tokens</c>: output tokens sampled by steps that began in the window.</summary>
    public required long OutputTokens { get; init; }

    /// <summary>
    /// <c>replicas_mean</c>: mean number of replicas that served or finished what they had, over the window's time.
    /// </summary>
    public double ReplicasMean { get; init; }
}
