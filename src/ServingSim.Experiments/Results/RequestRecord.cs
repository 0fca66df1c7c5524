namespace ServingSim.Experiments.Results;

/// <summary>
/// One row of <c>requests.csv</c>: what became of one client request. Rows stand in order of completion; those that are
/// unfinished come last. Latencies are those that the client sees, across retries and hand-offs.
/// </summary>
public readonly record struct RequestRecord
{
    /// <summary>A first attempt that no replica served, of a request without labels.</summary>
    public RequestRecord()
    {
    }

    /// <summary><c>client_id</c>: the workload's number for the request, from 0 in order of arrival.</summary>
    public required long ClientId { get; init; }

    /// <summary><c>attempt</c>: which attempt ended this way; 1 unless the request was retried.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary><c>arrival_s</c>: when the client asked first, in seconds since the start.</summary>
    public required double ArrivalS { get; init; }

    /// <summary>
    /// <c>labels</c>: names and values sorted by name, as in "model=GPT-4;service=api"; may be empty.
    /// </summary>
    public string Labels { get; init; } = "";

    /// <summary><c>replica</c>: the replica that served it last, as in "main/0"; empty if none did.</summary>
    public string Replica { get; init; } = "";

    /// <summary><c>prompt_tokens</c>: the prompt's length.</summary>
    public required long PromptTokens { get; init; }

    /// <summary><c>output_tokens</c>: the tokens that were generated.</summary>
    public required long OutputTokens { get; init; }

    /// <summary><c>cached_tokens</c>: prompt tokens found in the prefix cache when it was first admitted.</summary>
    public long CachedTokens { get; init; }

    /// <summary><c>queue_s</c>: arrival to first being scheduled, in seconds; empty if it never was.</summary>
    public double? QueueS { get; init; }

    /// <summary><c>ttft_s</c>: arrival to first token, in seconds; empty if there was none.</summary>
    public double? TtftS { get; init; }

    /// <summary><c>tpot_s</c>: (e2e − TTFT) / (output tokens − 1), in seconds; empty below two tokens.</summary>
    public double? TpotS { get; init; }

    /// <summary><c>e2e_s</c>: arrival to last token, in seconds; empty unless it completed.</summary>
    public double? E2eS { get; init; }

    /// <summary><c>preemptions</c>: how often it lost its KV while running.</summary>
    public long Preemptions { get; init; }

    /// <summary><c>finish_reason</c>: one of the words of <see cref="Results.FinishReason"/>.</summary>
    public required string FinishReason { get; init; }

    /// <summary><c>warmup</c>: 1 if it arrived during the warm-up and is not counted, else 0.</summary>
    public bool IsWarmup { get; init; }

    /// <summary><c>slo_met</c>: 1 or 0; empty if it has no SLO or is unfinished.</summary>
    public bool? SloMet { get; init; }

    /// <summary><c>prefill_replica</c>: the replica that computed its prompt for another; else empty.</summary>
    public string PrefillReplica { get; init; } = "";

    /// <summary>
    /// <c>transfer_s</c>: from the end of its prefill there until its KV was where it decodes, in seconds, its wait for
    /// blocks there included; empty where none was moved.
    /// </summary>
    public double? TransferS { get; init; }

    /// <summary>Where its time went, not a column; null unless it completed.</summary>
    public TimeSpent? Spent { get; init; }

    /// <summary>The pool of a <see cref="Replica"/>: what stands before its last slash; null for none.</summary>
    internal static string? PoolOf(string replica) =>
        replica.Length == 0 ? null : replica[..Math.Max(0, replica.LastIndexOf('/'))];
}
