using System.Text;
using System.Text.Json;
using CsCheck;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Workloads;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Results;

public class SummaryBuilderTests
{
    private static readonly PoolUsage Usage = new(25, 100, 0.5, 7, HasPrefixCache: true);

    private static RequestRecord Completed(
        long id, double arrival = 0, double ttft = 0.5, double e2e = 2.5, long output = 21) =>
        new()
        {
            ClientId = id,
            ArrivalS = arrival,
            Labels = "model=GPT-4;service=api",
            Replica = "main/0",
            PromptTokens = 100,
            OutputTokens = output,
            CachedTokens = 16,
            QueueS = 0,
            TtftS = ttft,
            TpotS = output > 1 ? (e2e - ttft) / (output - 1) : null,
            E2eS = e2e,
            FinishReason = FinishReason.Length,
        };

    private static RequestRecord Ended(long id, string reason, double arrival = 1) =>
        new() { ClientId = id, ArrivalS = arrival, PromptTokens = 100, OutputTokens = 0, FinishReason = reason };

    private static Summary Summarise(RequestRecord[] requests, params string[] reportBy) =>
        Summarise(RequestSelection.All, requests, reportBy);

    private static Summary Summarise(RequestSelection rows, RequestRecord[] requests, params string[] reportBy)
    {
        var builder = new SummaryBuilder(reportBy, rows);
        foreach (var request in requests)
        {
            builder.Add(request);
        }

        builder.AddPool("main", Usage);
        return builder.Build(new RunTotals("quickstart", 1, requests.Length, 1000));
    }

    [Fact]
    public void One_good_request_of_two_in_ten_seconds_is_a_goodput_of_a_tenth_and_an_attainment_of_a_half()
    {
        var overall = Summarise(
        [
            Completed(0) with { SloMet = true },
            Completed(1, arrival: 7.5) with { SloMet = false },
        ]).Overall;
        Assert.Equal(10, overall.DurationS);
        Assert.Equal(0.1, overall.RequestGoodput);
        Assert.Equal(0.5, overall.Attainment);
        Assert.Equal(0.2, overall.RequestThroughput);
        Assert.Equal(4.2, overall.OutputThroughput);
        Assert.Equal(24.2, overall.TotalTokenThroughput);
    }

    [Fact]
    public void A_request_of_one_output_token_is_not_in_the_mean_of_time_per_output_token()
    {
        var overall = Summarise([Completed(0), Completed(1, e2e: 0.5, output: 1)]).Overall;
        Assert.Equal(100, overall.Tpot!.MeanMs, 1e-9);
        Assert.Equal(500, overall.Ttft!.MeanMs);
        Assert.Equal(1500, overall.E2el!.MeanMs);
    }

    [Fact]
    public void What_came_in_and_what_became_of_it_adds_up_with_the_warm_up_apart()
    {
        var summary = Summarise(
        [
            Completed(0) with { IsWarmup = true, TtftS = 99, TpotS = 99, E2eS = 999 },
            Ended(1, FinishReason.TooLong) with { IsWarmup = true },
            Completed(2, arrival: 5),
            Ended(3, FinishReason.TooLong),
            Ended(4, FinishReason.Aborted("timeout")),
            Ended(5, FinishReason.Aborted("timeout")),
            Ended(6, FinishReason.Lost("crash")),
            Ended(7, FinishReason.Unfinished),
        ]);
        Assert.Equal(8, summary.Arrived);
        Assert.Equal(new RequestCounts(1, 1, 0, 0, 0), summary.Warmup);
        Assert.Equal(new RequestCounts(1, 1, 2, 1, 1), summary.Overall.Counts);
        Assert.Equal(4, summary.Overall.Counts.Failed);
        Assert.Equal(6, summary.Overall.Counts.Arrived);
        Assert.Equal(500, summary.Overall.Ttft!.P99Ms);
        Assert.Equal(6.5, summary.Overall.DurationS);
    }

    [Fact]
    public void Attainment_counts_all_that_have_an_SLO_and_ended()
    {
        var overall = Summarise(
        [
            Completed(0) with { SloMet = true },
            Completed(1),
            Ended(2, FinishReason.TooLong) with { SloMet = false },
            Ended(3, FinishReason.Unfinished),
        ]).Overall;
        Assert.Equal(0.5, overall.Attainment);
    }

    [Fact]
    public void Blocks_by_label_and_pool_share_the_duration_so_their_rates_add_up()
    {
        var other = Completed(1, arrival: 7.5) with { Labels = "model=ChatGPT", Replica = "spare/3" };
        var builder = new SummaryBuilder(["service", "model"]);
        builder.Add(Completed(0));
        builder.Add(other);
        builder.Add(Ended(2, FinishReason.TooLong) with { Labels = "service=api" });
        builder.AddPool("spare", Usage with { UsedBlockTicks = 75, PeakUsage = 0.9 });
        builder.AddPool("main", Usage);
        builder.AddPool("idle", Usage with { UsedBlockTicks = 0, PeakUsage = 0, Steps = 0 });
        var summary = builder.Build(new RunTotals("quickstart", 1, 3, 1000));

        Assert.Equal(["model", "service"], summary.ByLabel.Keys);
        Assert.Equal(["(none)", "api"], summary.ByLabel["service"].Keys);
        Assert.Equal(["(none)", "ChatGPT", "GPT-4"], summary.ByLabel["model"].Keys);
        Assert.Equal(["(none)", "idle", "main", "spare"], summary.ByPool.Keys);
        Assert.Equal(2, summary.ByLabel["service"]["api"].Counts.Arrived);
        Assert.Equal(0.1, summary.ByLabel["service"]["api"].RequestThroughput);
        Assert.Equal(0.1, summary.ByPool["spare"].RequestThroughput);
        Assert.Equal(0, summary.ByPool["idle"].Counts.Arrived);
        Assert.Equal(1, summary.ByPool["(none)"].Counts.Refused);
        Assert.Equal(0.75, summary.ByPool["spare"].KvCacheUsageMean);
        Assert.Equal(100 / 300.0, summary.Overall.KvCacheUsageMean);
        Assert.Equal(0.9, summary.Overall.KvCacheUsagePeak);
        Assert.Equal(14, summary.Overall.Steps);
        Assert.Null(summary.ByLabel["service"]["api"].KvCacheUsageMean);
        Assert.Null(summary.ByPool["(none)"].KvCacheUsageMean);
    }

    [Fact]
    public void Token_gaps_are_kept_by_pool_and_reported_label_only()
    {
        var builder = new SummaryBuilder(["service"]);
        var api = builder.ItlOf("main", "model=GPT-4;service=api");
        Assert.Same(api, builder.ItlOf("main", "model=ChatGPT;service=api"));
        Assert.NotSame(api, builder.ItlOf("spare", "service=api"));
        api.Record(SimTime.FromMilliseconds(20), 2);
        builder.ItlOf("main", "").Record(SimTime.FromMilliseconds(50));
        builder.AddPool("main", Usage);
        builder.AddPool("spare", Usage);
        var summary = builder.Build(new RunTotals("quickstart", 1, 0, 0));
        Assert.Equal(30, summary.Overall.Itl!.MeanMs);
        Assert.Equal(20, summary.ByLabel["service"]["api"].Itl!.MeanMs);
        Assert.Equal(50, summary.ByLabel["service"]["(none)"].Itl!.MeanMs);
        Assert.Null(summary.ByPool["spare"].Itl);
    }

    [Fact]
    public void Prefix_lookups_are_counted_once_for_each_admitted_request_where_there_is_a_cache()
    {
        var requests = new[] { Completed(0), Completed(1), Ended(2, FinishReason.TooLong) };
        var overall = Summarise(requests).Overall;
        Assert.Equal(200, overall.PrefixCacheQueries);
        Assert.Equal(32, overall.PrefixCacheHits);

        var builder = new SummaryBuilder([]);
        builder.Add(requests[0]);
        builder.AddPool("main", Usage with { HasPrefixCache = false });
        Assert.Equal(0, builder.Build(new RunTotals("", 1, 1, 0)).Overall.PrefixCacheQueries);
    }

    [Fact]
    public void The_order_of_requests_changes_no_byte()
    {
        var requests = Gen.Select(Gen.Double[0, 100], Gen.Double[0, 9], Gen.Double[9, 99], Gen.Int[1, 30], Gen.Bool)
            .Select((arrival, ttft, e2e, output, api) =>
                Completed(0, arrival, ttft, e2e, output) with { Labels = api ? "service=api" : "" });
        requests.Array[1, 20].Sample(all =>
            Json(Summarise(all, "service")) == Json(Summarise([.. all.Reverse()], "service")));
    }

    [Fact]
    public void A_sketch_changes_percentiles_by_no_more_than_it_says_and_nothing_else()
    {
        var requests = Gen.Select(
            Gen.Double[0, 100], Gen.Double[-9, 3], Gen.Double[-9, 5], Gen.Int[1, 30],
            Gen.Int[0, 2].Select(i => new[] { "", "service=api", "service=chat;model=x" }[i]), Gen.Int[0, 7])
            .Select((arrival, ttft, rest, output, labels, kind) => kind == 0
                ? Ended(0, FinishReason.Lost("crash"), arrival) with { Labels = labels, SloMet = false }
                : Completed(0, arrival, Math.Pow(10, ttft), Math.Pow(10, ttft) + Math.Pow(10, rest), output) with
                {
                    Labels = labels,
                    IsWarmup = kind == 1,
                    SloMet = kind == 2,
                });
        requests.Array[1, 60].Sample(all => SummaryComparison.AssertSameButSketched(
            Summarise(all, "service"),
            Summarise(new RequestSelection(RequestRows.None, 100), all, "service")));
    }

    [Fact]
    public void The_file_says_which_requests_have_rows_and_how_far_percentiles_may_be_off()
    {
        static string[] Told(RequestSelection rows)
        {
            using var document = JsonDocument.Parse(Json(Summarise(rows, [Completed(0)])));
            return
            [
                .. document.RootElement.EnumerateObject()
                    .Where(p => p.Name.StartsWith("requests_csv", StringComparison.Ordinal)
                        || p.Name.StartsWith("ttft", StringComparison.Ordinal))
                    .Select(p => p.Value.ToString()),
            ];
        }

        Assert.Equal(["", "all", ""], Told(RequestSelection.All));
        Assert.Equal(["0.00390625", "sample", "7"], Told(new RequestSelection(RequestRows.Sample, 7)));
        Assert.Equal(["0.00390625", "none", ""], Told(new RequestSelection(RequestRows.None, 7)));
    }

    [Fact]
    public void A_request_without_a_record_is_a_bug()
    {
        var builder = new SummaryBuilder([]);
        builder.Add(Ended(0, FinishReason.Lost("crash")));
        Assert.Throws<InvariantException>(() => builder.Build(new RunTotals("", 1, 2, 0)));
    }

    [Fact]
    public void A_pool_that_served_requests_but_was_not_added_is_a_bug()
    {
        var builder = new SummaryBuilder([]);
        builder.Add(Completed(0));
        Assert.Throws<InvariantException>(() => builder.Build(new RunTotals("", 1, 1, 0)));
    }

    [Fact]
    public void A_completed_request_without_latencies_is_a_bug()
    {
        Assert.Throws<InvariantException>(() => Summarise([Completed(0) with { TtftS = null }]));
        Assert.Throws<InvariantException>(() => Summarise([Completed(0) with { TpotS = null }]));
    }

    [Fact]
    public void Nothing_at_all_gives_zeros_and_nulls()
    {
        var overall = Summarise([]).Overall;
        Assert.Equal(new RequestCounts(0, 0, 0, 0, 0), overall.Counts);
        Assert.Null(overall.DurationS);
        Assert.Null(overall.RequestThroughput);
        Assert.Null(overall.Attainment);
        Assert.Null(overall.Ttft);
    }

    [Fact]
    public void The_file_has_the_keys_of_the_contract_in_order_and_null_for_what_is_undefined()
    {
        var requests = new[] { Completed(0) };
        using var document = JsonDocument.Parse(Json(Summarise(requests, "service")));
        var root = document.RootElement;
        Assert.Equal(
            [
                "schema", "name", "seed", "arrived", "events", "itl_percentile_relative_error",
                "ttft_tpot_e2el_percentile_relative_error", "requests_csv", "requests_csv_sample_every", "warmup",
                "refused_by_reason", "trace", "step_times", "overall", "by_label", "by_pool", "jain_index",
            ],
            root.EnumerateObject().Select(p => p.Name));
        var overall = root.GetProperty("overall");
        string[] statistics = ["mean", "median", "std", "p50", "p90", "p95", "p99"];
        string[] latencies = ["ttft", "tpot", "itl", "e2el"];
        string[] expected =
        [
            "duration", "arrived", "completed", "failed", "refused", "aborted", "lost", "unfinished", "trace_failed",
            "total_input_tokens", "total_output_tokens", "request_throughput", "request_goodput", "output_throughput",
            "total_token_throughput", "attainment", "preemptions", "prefix_cache_queries", "prefix_cache_hits",
            "kv_cache_usage_mean", "kv_cache_usage_peak", "steps", "steps_outside_range",
            .. latencies.SelectMany(latency => statistics.Select(s => $"{s}_{latency}_ms")),
            .. new[] { "queue", "prefill", "decode", "preempted" }.Select(part => $"mean_{part}_ms"),
        ];
        Assert.Equal(expected, overall.EnumerateObject().Select(p => p.Name));
        var api = root.GetProperty("by_label").GetProperty("service").GetProperty("api");
        Assert.Equal(expected, api.EnumerateObject().Select(p => p.Name));
        Assert.Equal(1, root.GetProperty("schema").GetInt32());
        Assert.Equal(2.5, overall.GetProperty("duration").GetDouble());
        Assert.Equal(JsonValueKind.Null, overall.GetProperty("mean_itl_ms").ValueKind);
        Assert.Equal(JsonValueKind.Null, overall.GetProperty("request_goodput").ValueKind);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("trace").ValueKind);
    }

    [Fact]
    public void Rows_that_failed_in_the_trace_are_told_of()
    {
        var trace = new TraceCounts(10, 1, 2, 3, 1, 0, 4);
        var summary = new SummaryBuilder([]).Build(new RunTotals("", 1, 0, 0, trace));
        Assert.Equal(3, summary.Overall.TraceFailed);
        using var document = JsonDocument.Parse(Json(summary));
        Assert.Equal(10, document.RootElement.GetProperty("trace").GetProperty("rows_read").GetInt64());
        Assert.Equal(3, document.RootElement.GetProperty("overall").GetProperty("trace_failed").GetInt64());
    }

    private static string Json(Summary summary)
    {
        using var stream = new MemoryStream();
        SummaryJson.Write(stream, summary);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
