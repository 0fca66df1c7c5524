using System.Text;

namespace ServingSim.Experiments.Results;

/// <summary>The tables that a run writes: what each column says is told by the property of its row.</summary>
internal static class ResultTables
{
    /// <summary>
    /// Client requests, in order of their end. <c>arrival_s</c> has 6 decimals (a double tells microseconds apart for
    /// 285 years), latencies have 9.
    /// </summary>
    internal static readonly Table<RequestRecord> Requests = new Table<RequestRecord>("requests")
        .Integer("client_id", (in r) => r.ClientId)
        .Integer("attempt", (in r) => r.Attempt)
        .Fixed("arrival_s", 6, (in r) => r.ArrivalS)
        .Text("labels", (in r) => r.Labels)
        .Text("replica", (in r) => r.Replica)
        .Integer("prompt_tokens", (in r) => r.PromptTokens)
        .Integer("output_tokens", (in r) => r.OutputTokens)
        .Integer("cached_tokens", (in r) => r.CachedTokens)
        .Fixed("queue_s", 9, (in r) => r.QueueS)
        .Fixed("ttft_s", 9, (in r) => r.TtftS)
        .Fixed("tpot_s", 9, (in r) => r.TpotS)
        .Fixed("e2e_s", 9, (in r) => r.E2eS)
        .Integer("preemptions", (in r) => r.Preemptions)
        .Text("finish_reason", (in r) => r.FinishReason)
        .Flag("warmup", (in r) => r.IsWarmup)
        .Flag("slo_met", (in r) => r.SloMet)
        .Text("prefill_replica", (in r) => r.PrefillReplica)
        .Fixed("transfer_s", 9, (in r) => r.TransferS);

    /// <summary>Steps, in order of their start; times are exact.</summary>
    internal static readonly Table<StepRecord> Steps = new Table<StepRecord>("steps")
        .Text("replica", (in s) => s.Replica)
        .Integer("step", (in s) => s.Step)
        .Exact("start_s", (in s) => s.Start)
        .Exact("duration_s", (in s) => s.Duration)
        .Text("scheduled", (in s) => Pairs(s.Scheduled))
        .Text("preempted", (in s) => string.Join(' ', s.Preempted))
        .Integer("running", (in s) => s.Running)
        .Integer("waiting", (in s) => s.Waiting)
        .Integer("used_blocks", (in s) => s.UsedBlocks)
        .Integer("free_blocks", (in s) => s.FreeBlocks);

    /// <summary>Windows, each with a row for every pool; times and means have 6 decimals.</summary>
    internal static readonly Table<TimeSeriesRecord> TimeSeries = new Table<TimeSeriesRecord>("timeseries")
        .Fixed("t_s", 6, (in w) => w.StartS)
        .Text("pool", (in w) => w.Pool)
        .Integer("arrived", (in w) => w.Arrived)
        .Integer("refused", (in w) => w.Refused)
        .Integer("completed", (in w) => w.Completed)
        .Integer("failed", (in w) => w.Failed)
        .Fixed("running_mean", 6, (in w) => w.RunningMean)
        .Fixed("waiting_mean", 6, (in w) => w.WaitingMean)
        .Fixed("kv_cache_usage_mean", 6, (in w) => w.KvCacheUsageMean)
        .Fixed("ttft_p50_s", 6, (in w) => w.TtftP50S)
        .Fixed("ttft_p99_s", 6, (in w) => w.TtftP99S)
        .Integer("preemptions", (in w) => w.Preemptions)
        .Integer("prompt_tokens", (in w) => w.PromptTokens)
        .Integer("output_tokens", (in w) => w.OutputTokens)
        .Fixed("replicas_mean", 6, (in w) => w.ReplicasMean);

    /// <summary>Faults, in order of their beginning; times have 6 decimals.</summary>
    internal static readonly Table<FaultRecord> Faults = new Table<FaultRecord>("faults")
        .Text("fault", (in f) => f.Fault)
        .Text("replica", (in f) => f.Replica)
        .Fixed("at_s", 6, (in f) => f.AtS)
        .Fixed("noticed_s", 6, (in f) => f.NoticedS)
        .Fixed("lasted_s", 6, (in f) => f.LastedS)
        .Integer("lost_attempts", (in f) => f.LostAttempts)
        .Integer("lost_tokens", (in f) => f.LostTokens)
        .Integer("transfers", (in f) => f.Transfers)
        .Fixed("goodput_back_s", 6, (in f) => f.GoodputBackS);

    /// <summary>Failures, by service and in order of time; times have 6 decimals.</summary>
    internal static readonly Table<FailureWindow> Failures = new Table<FailureWindow>("failures")
        .Fixed("t_s", 6, (in w) => w.StartS)
        .Text("service", (in w) => w.Service)
        .Integer("requests", (in w) => w.Requests)
        .Integer("trace_failed", (in w) => w.TraceFailed)
        .Integer("timed_out", (in w) => w.TimedOut)
        .Integer("refused", (in w) => w.Refused)
        .Integer("lost", (in w) => w.Lost)
        .Integer("preempted", (in w) => w.Preempted);

    private static string Pairs(IReadOnlyList<ScheduledRequest> scheduled)
    {
        StringBuilder text = new();
        foreach ((long id, int tokens) in scheduled)
        {
            text.Append(text.Length == 0 ? "" : " ").Append(id).Append(':').Append(tokens);
        }

        return text.ToString();
    }
}
