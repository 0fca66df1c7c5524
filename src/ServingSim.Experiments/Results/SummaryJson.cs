using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ServingSim.Experiments.Results;

/// <summary>
/// Writes <c>summary.json</c>: keys in a fixed order under the names of <c>vllm bench serve</c>, numbers that read back
/// to the same bits, null for what is undefined.
/// </summary>
public static class SummaryJson
{
    private static readonly JsonWriterOptions Options =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A summary as text that ends in a line feed.</summary>
    public static string Text(Summary summary)
    {
        using MemoryStream stream = new();
        Write(stream, summary);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Writes a summary as UTF-8 that ends in a line feed; leaves the stream open.</summary>
    public static void Write(Stream stream, Summary summary)
    {
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", Summary.Schema);
            json.WriteString("name", summary.Name);
            json.WriteNumber("seed", summary.Seed);
            json.WriteNumber("arrived", summary.Arrived);
            json.WriteNumber("events", summary.Events);
            json.WriteNumber("itl_percentile_relative_error", LatencyHistogram.RelativeError);
            WriteRows(json, summary.Rows);
            json.WriteStartObject("warmup");
            Write(json, summary.Warmup);
            json.WriteEndObject();
            json.WriteStartObject("refused_by_reason");
            foreach (var (reason, count) in summary.RefusedByReason)
            {
                json.WriteNumber(reason, count);
            }

            json.WriteEndObject();
            WriteTrace(json, summary);
            WriteClients(json, summary.Clients);
            WriteFaults(json, summary.Faults);
            FailureJson.Write(json, summary.Failures);
            json.WriteStartObject("step_times");
            foreach (var (pool, source) in summary.StepTimes)
            {
                json.WriteString(pool, source);
            }

            json.WriteEndObject();
            Write(json, "overall", summary.Overall);
            WriteBand(json, summary);
            json.WriteStartObject("by_label");
            foreach (var (label, values) in summary.ByLabel)
            {
                Write(json, label, values);
            }

            json.WriteEndObject();
            Write(json, "by_pool", summary.ByPool);
            FleetJson.Write(json, summary);
            json.WriteStartObject("jain_index");
            foreach (var (label, values) in summary.ByLabel)
            {
                Write(json, label, Fairness.Of(values.Values));
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    private static void WriteRows(Utf8JsonWriter json, RequestSelection rows)
    {
        Write(json, "ttft_tpot_e2el_percentile_relative_error", rows.PercentileRelativeError);
        json.WriteString("requests_csv", rows.Rows switch
        {
            RequestRows.All => "all",
            RequestRows.Sample => "sample",
            _ => "none",
        });
        Write(json, "requests_csv_sample_every", rows.Rows == RequestRows.Sample ? rows.SampleEvery : (long?)null);
    }

    private static void WriteTrace(Utf8JsonWriter json, Summary summary)
    {
        if (summary.Trace is not { } trace)
        {
            json.WriteNull("trace");
            return;
        }

        json.WriteStartObject("trace");
        json.WriteNumber("rows_read", trace.RowsRead);
        json.WriteNumber("outside_window", trace.OutsideWindow);
        json.WriteNumber("filtered_out", trace.FilteredOut);
        json.WriteNumber("failed", trace.Failed);
        json.WriteNumber("failed_without_size", trace.FailedWithoutSize);
        json.WriteNumber("over_limit", trace.OverLimit);
        json.WriteNumber("given", trace.Given);
        json.WriteEndObject();
    }

    /// <summary>Only where clients do something beside waiting.</summary>
    private static void WriteClients(Utf8JsonWriter json, ClientFigures? clients)
    {
        if (clients is null)
        {
            return;
        }

        json.WriteStartObject("clients");
        json.WriteNumber("attempts", clients.Attempts);
        json.WriteNumber("retries", clients.Retries);
        json.WriteNumber("refused_attempts", clients.RefusedAttempts);
        json.WriteNumber("timed_out_attempts", clients.TimedOutAttempts);
        json.WriteNumber("lost_attempts", clients.LostAttempts);
        json.WriteNumber("backing_off", clients.BackingOff);
        json.WriteNumber("wasted_tokens", clients.WastedTokens);
        json.WriteNumber("wasted_output_tokens", clients.WastedOutputTokens);
        json.WriteEndObject();
    }

    /// <summary>Only where something can break.</summary>
    private static void WriteFaults(Utf8JsonWriter json, FaultFigures? faults)
    {
        if (faults is null)
        {
            return;
        }

        json.WriteStartObject("faults");
        json.WriteNumber("faults", faults.Faults.Count);
        json.WriteNumber("lost_attempts", faults.LostAttempts);
        json.WriteNumber("lost_tokens", faults.LostTokens);
        json.WriteNumber("struck_transfers", faults.Transfers);
        json.WriteNumber("recomputed_tokens", faults.RecomputedTokens);
        Write(json, "mean_noticed_s", faults.MeanNoticedS);
        json.WriteNumber("goodput_window_s", GoodputRecovery.WindowS);
        json.WriteNumber("goodput_level", GoodputRecovery.Level);
        json.WriteNumber("goodput_back", faults.GoodputBack);
        Write(json, "mean_goodput_back_s", faults.MeanGoodputBackS);
        Write(json, "most_goodput_back_s", faults.MostGoodputBackS);
        json.WriteEndObject();
    }

    /// <summary>Only where it was asked for, unlike what is undefined.</summary>
    private static void WriteBand(Utf8JsonWriter json, Summary summary)
    {
        if (summary.Band is not { } band)
        {
            return;
        }

        json.WriteStartObject("band");
        foreach (var (name, run) in band.Runs(summary))
        {
            json.WriteStartObject(name);
            json.WriteStartObject("step_time_factor");
            foreach (var (pool, factor) in run.StepTimeFactors)
            {
                json.WriteNumber(pool, factor);
            }

            json.WriteEndObject();
            SummaryBlock block = run.Overall;
            json.WriteNumber("completed", block.Counts.Completed);
            Write(json, "request_throughput", block.RequestThroughput);
            Write(json, "request_goodput", block.RequestGoodput);
            Write(json, "output_throughput", block.OutputThroughput);
            Write(json, "attainment", block.Attainment);
            Write(json, "p50_ttft_ms", block.Ttft?.P50Ms);
            Write(json, "p99_ttft_ms", block.Ttft?.P99Ms);
            Write(json, "p50_tpot_ms", block.Tpot?.P50Ms);
            Write(json, "p99_tpot_ms", block.Tpot?.P99Ms);
            Write(json, "p50_e2el_ms", block.E2el?.P50Ms);
            Write(json, "p99_e2el_ms", block.E2el?.P99Ms);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, SummaryBlock> blocks)
    {
        json.WriteStartObject(name);
        foreach (var (key, block) in blocks)
        {
            Write(json, key, block);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, SummaryBlock block)
    {
        json.WriteStartObject(name);
        Write(json, "duration", block.DurationS);
        Write(json, block.Counts);
        Write(json, "trace_failed", block.TraceFailed);
        json.WriteNumber("total_input_tokens", block.TotalInputTokens);
        json.WriteNumber("total_output_tokens", block.TotalOutputTokens);
        Write(json, "request_throughput", block.RequestThroughput);
        Write(json, "request_goodput", block.RequestGoodput);
        Write(json, "output_throughput", block.OutputThroughput);
        Write(json, "total_token_throughput", block.TotalTokenThroughput);
        Write(json, "attainment", block.Attainment);
        json.WriteNumber("preemptions", block.Preemptions);
        json.WriteNumber("prefix_cache_queries", block.PrefixCacheQueries);
        json.WriteNumber("prefix_cache_hits", block.PrefixCacheHits);
        Write(json, "kv_cache_usage_mean", block.KvCacheUsageMean);
        Write(json, "kv_cache_usage_peak", block.KvCacheUsagePeak);
        Write(json, "steps", block.Steps);
        Write(json, "steps_outside_range", block.StepsOutsideRange);
        Write(json, "ttft", block.Ttft);
        Write(json, "tpot", block.Tpot);
        Write(json, "itl", block.Itl);
        Write(json, "e2el", block.E2el);
        Write(json, "mean_queue_ms", block.TimeSpent?.QueueMs);
        Write(json, "mean_prefill_ms", block.TimeSpent?.PrefillMs);
        Write(json, "mean_transfer_ms", block.TimeSpent?.TransferMs);
        if (block.TimeSpent?.TransferWaitMs is { } wait)
        {
            Write(json, "mean_transfer_wait_ms", wait);
        }

        Write(json, "mean_decode_ms", block.TimeSpent?.DecodeMs);
        Write(json, "mean_preempted_ms", block.TimeSpent?.PreemptedMs);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RequestCounts counts)
    {
        json.WriteNumber("arrived", counts.Arrived);
        json.WriteNumber("completed", counts.Completed);
        json.WriteNumber("failed", counts.Failed);
        json.WriteNumber("refused", counts.Refused);
        json.WriteNumber("aborted", counts.Aborted);
        json.WriteNumber("lost", counts.Lost);
        json.WriteNumber("unfinished", counts.Unfinished);
    }

    private static void Write(Utf8JsonWriter json, string latency, LatencyStatistics? statistics)
    {
        Write(json, $"mean_{latency}_ms", statistics?.MeanMs);
        Write(json, $"median_{latency}_ms", statistics?.MedianMs);
        Write(json, $"std_{latency}_ms", statistics?.StdMs);
        Write(json, $"p50_{latency}_ms", statistics?.P50Ms);
        Write(json, $"p90_{latency}_ms", statistics?.P90Ms);
        Write(json, $"p95_{latency}_ms", statistics?.P95Ms);
        Write(json, $"p99_{latency}_ms", statistics?.P99Ms);
    }

    private static void Write(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void Write(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
