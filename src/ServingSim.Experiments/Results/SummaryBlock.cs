namespace ServingSim.Experiments.Results;

/// <summary>
/// The figures of some of a run's requests, warm-up excluded. Every block's rates divide by the duration of the whole
/// run, so the rates of parts add up to those of the whole. What is undefined is null.
/// </summary>
public sealed record SummaryBlock
{
    /// <summary>First arrival to last completion over the whole run, in seconds; null if nothing completed.</summary>
    public required double? DurationS { get; init; }

    /// <summary>What became of the requests.</summary>
    public required RequestCounts Counts { get; init; }

    /// <summary>
    /// Rows of the trace that had failed there and were not simulated; null but overall and with a trace.
    /// </summary>
    public required long? TraceFailed { get; init; }

    /// <summary>Prompt tokens of completed requests.</summary>
    public required long TotalInputTokens { get; init; }

    /// <summary>Output tokens of completed requests.</summary>
    public required long TotalOutputTokens { get; init; }

    /// <summary>Completed requests that met their SLO; null if none has one.</summary>
    public required long? Good { get; init; }

    /// <summary>
    /// <see cref="Good"/> over requests that have an SLO and ended (completed, refused, aborted or lost) or exceeded a
    /// limit unfinished; null if none.
    /// </summary>
    public required double? Attainment { get; init; }

    /// <summary>Times that a request lost its KV while running.</summary>
    public required long Preemptions { get; init; }

    /// <summary>Prompt tokens of admitted requests, looked up once each in pools that have a prefix cache.</summary>
    public required long PrefixCacheQueries { get; init; }

    /// <summary>Those of the queried tokens that were found.</summary>
    public required long PrefixCacheHits { get; init; }

    /// <summary>Mean share of KV blocks in use over all time, warm-up included; null in a block of a label.</summary>
    public required double? KvCacheUsageMean { get; init; }

    /// <summary>Greatest share of its KV blocks that a replica had in use; null in a block of a label.</summary>
    public required double? KvCacheUsagePeak { get; init; }

    /// <summary>Steps that replicas made, warm-up included; null in a block of a label.</summary>
    public required long? Steps { get; init; }

    /// <summary>
    /// Those of the steps that their latency models were not measured on; null in a block of a label, and where no
    /// latency file says what was measured.
    /// </summary>
    public long? StepsOutsideRange { get; init; }

    /// <summary>Time to first token of completed requests.</summary>
    public required LatencyStatistics? Ttft { get; init; }

    /// <summary>Time per output token of completed requests with two output tokens or more.</summary>
    public required LatencyStatistics? Tpot { get; init; }

    /// <summary>Gaps between tokens, of requests completed or not; percentiles from a histogram.</summary>
    public required LatencyStatistics? Itl { get; init; }

    /// <summary>End-to-end latency of completed requests.</summary>
    public required LatencyStatistics? E2el { get; init; }

    /// <summary>Where the time of completed requests went on average; null if none completed.</summary>
    public MeanTimeSpent? TimeSpent { get; init; }

    /// <summary>Completed requests per second.</summary>
    public double? RequestThroughput => Counts.Completed / DurationS;

    /// <summary>Requests per second that met their SLO.</summary>
    public double? RequestGoodput => Good / DurationS;

    /// <summary>Output tokens of completed requests per second.</summary>
    public double? OutputThroughput => TotalOutputTokens / DurationS;

    /// <summary>Prompt and output tokens of completed requests per second.</summary>
    public double? TotalTokenThroughput => (TotalInputTokens + TotalOutputTokens) / DurationS;
}
