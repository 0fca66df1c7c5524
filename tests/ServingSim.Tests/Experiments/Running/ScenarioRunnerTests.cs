using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Running;

/// <summary>Small runs whose every figure can be told by hand: a step takes 100 ms, whatever it computes.</summary>
public sealed class ScenarioRunnerTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servingsim-run-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_trace_of_three_requests_gives_the_figures_told_by_hand()
    {
        // At 0, 1 and 2 s; outputs of 1, 3 and 5 tokens: each is alone
        RunResult result = Run("", "0,ChatGPT,10,1,11,API log", "1,ChatGPT,20,3,23,API log", "2,GPT-4,30,5,35,API log");
        SummaryBlock overall = result.Summary.Overall;
        Assert.Equal((3, 9, 60), (overall.Counts.Completed, overall.TotalOutputTokens, overall.TotalInputTokens));
        Assert.Equal(100, overall.Ttft!.MeanMs, 1e-9);
        Assert.Equal(100, overall.Tpot!.P99Ms, 1e-9);
        Assert.Equal((100 + 300 + 500) / 3.0, overall.E2el!.MeanMs, 1e-9);
        Assert.Equal(9, overall.Steps);
        Assert.Equal(2.5, overall.DurationS!.Value, 1e-9);

        // Blocks of 10 tokens: 1 for 0.1 s; 2, then 3 for 0.1 s and 0.2 s; 3, then 4 for 0.1 s and 0.4 s
        Assert.Equal((0.1 + 0.2 + 0.6 + 0.3 + 1.6) / 2.5 / 99, overall.KvCacheUsageMean!.Value, 1e-9);
        Assert.Equal(4.0 / 99, overall.KvCacheUsagePeak!.Value, 1e-9);
    }

    /// <summary>
    /// With vllm-v1 the first request, preempted for want of blocks, stands before the second, whose KV has landed and
    /// holds them: nothing will ever happen again but looks at gauges.
    /// </summary>
    [Fact]
    public void A_fleet_that_stands_still_ends_though_somebody_looks_at_it_again_and_again()
    {
        string trace = Path.Combine(_folder.FullName, "still.csv");
        File.WriteAllLines(trace, ["arrival_s,prompt_tokens,output_tokens", "0,1200,400", "1.7,1800,10"]);
        const string Pool = "gpu: h100-sxm, model: llama-3.1-8b, latency: roofline";
        string yaml =
            $$"""
            schema: 1
            name: still
            duration: 20s
            workload: { source: { name: plain-trace, path: '{{trace}}' } }
            cluster:
              router: jsq-tokens
              scrape: { interval: 1s }
              disaggregation:
                handoff: nixl
                decode_router: least-outstanding
                network: { gpus_per_node: 1, nic_gb_per_s: 0.1 }
              pools:
                p: { role: prefill, {{Pool}}, engine: { max_model_len: 2048 } }
                d: { role: decode, {{Pool}}, engine: { max_model_len: 2048, num_gpu_blocks_override: 192 } }
            """;
        LoadedScenario scenario =
            LoadedScenario.Parse(yaml, Path.Combine(_folder.FullName, "still.yaml"), [], Catalog.Default);
        Assert.Equal(2, ScenarioRunner.Run(scenario, new RunOptions(null)).Summary.Overall.Counts.Unfinished);
    }

    [Fact]
    public void Windows_add_up_and_each_has_its_own_first_tokens()
    {
        RunResult result = Run(
            "max_num_seqs: 1",
            ["0,ChatGPT,10,1,11,API log", "2,ChatGPT,20,3,23,API log", "2,GPT-4,30,5,35,API log"],
            "outputs.timeseries_interval=1500ms");
        Assert.Equal(["0", "1.5"], result.Windows.Select(w => $"{w.StartS}"));
        Assert.Equal([1, 2], result.Windows.Select(w => (int)w.Arrived));
        Assert.Equal([1, 2], result.Windows.Select(w => (int)w.Completed));
        Assert.Equal([1, 8], result.Windows.Select(w => (int)w.OutputTokens));
        Assert.Equal([10, 50], result.Windows.Select(w => (int)w.PromptTokens));

        // The third waits for 300 ms: TTFT 100 ms, then 100 ms and 400 ms
        Assert.Equal(0.1, result.Windows[0].TtftP99S!.Value, 1e-9);
        Assert.Equal(0.25, result.Windows[1].TtftP50S!.Value, 1e-9);

        // The second window ends with the last token, at 2.8 s: one request runs for 0.8 s, one waits for 0.3 s
        Assert.Equal(0.1 / 1.5, result.Windows[0].RunningMean, 1e-9);
        Assert.Equal(0.8 / 1.3, result.Windows[1].RunningMean, 1e-9);
        Assert.Equal(0.3 / 1.3, result.Windows[1].WaitingMean, 1e-9);
        Assert.Equal(0.1 / 1.5 / 99, result.Windows[0].KvCacheUsageMean, 1e-9);
    }

    /// <summary>A second pool, whose steps take a second and which caches no prefix, serves GPT-4.</summary>
    [Fact]
    public void Every_pool_has_windows_and_usage_of_its_own()
    {
        RunResult result = Run(
            "",
            ["0,ChatGPT,10,1,11,API log", "0,GPT-4,20,1,21,API log", "3,ChatGPT,10,1,11,API log", "3,X,9,1,10,API log"],
            "cluster.pools.main.serves={model: [ChatGPT]}",
            "cluster.pools.slow={gpu: h100-sxm, model: llama-3.1-8b, serves: {model: [GPT-4]}, "
                + "engine: {enable_prefix_caching: false, max_model_len: 900}, "
                + "latency: {name: constant, step_ms: 1000}}",
            "cluster.admission={name: queue-caps, max_num_queued_reqs: 5}",
            "outputs.timeseries_interval=2s");
        Assert.Equal(
            ["main 0 1 0.1", "slow 0 1 1", "main 2 1 0.1", "slow 2 0 "],
            result.Windows.Select(w => FormattableString.Invariant($"{w.Pool} {w.StartS} {w.Arrived} {w.TtftP50S}")));
        Assert.Equal([("no_pool", 1)], result.Summary.RefusedByReason.Select(r => (r.Key, (int)r.Value)));
        Assert.Equal((20, 0), (
            result.Summary.ByPool["main"].PrefixCacheQueries, result.Summary.ByPool["slow"].PrefixCacheQueries));
        Assert.Equal((2, 1), (result.Summary.ByPool["main"].Steps, result.Summary.ByPool["slow"].Steps));
    }

    [Fact]
    public void Windows_count_preemptions_and_refusals_once()
    {
        // 20 blocks of 10 hold two requests of 90 tokens, which both grow by 30; a third finds two in flight
        RunResult result = Run(
            "num_gpu_blocks_override: 21",
            ["0,ChatGPT,90,30,120,API log", "0,ChatGPT,90,30,120,API log", "1,ChatGPT,90,30,120,API log"],
            "cluster.pools.main.engine.max_model_len=200",
            "cluster.admission={name: queue-caps, max_num_queued_reqs: 2}");
        Assert.Equal((1, 1), (result.Summary.Overall.Preemptions, result.Windows.Sum(w => w.Preemptions)));
        Assert.Equal((1, 2), (result.Windows.Sum(w => w.Refused), result.Windows.Sum(w => w.Arrived)));
        Assert.Equal([("queued_reqs", 1)], result.Summary.RefusedByReason.Select(r => (r.Key, (int)r.Value)));
    }

    [Theory]
    [InlineData("profile: vllm-v1", "0.1")]
    [InlineData("profile: { name: vllm-v1-late, scheduler_reserve_full_isl: false }", "0.1")]
    [InlineData("profile: vllm-v1-late", "0.6")]
    [InlineData("policy: priority", "0.1")]
    public void A_profile_decides_whether_a_first_chunk_is_enough_to_be_admitted(string knob, string queueS)
    {
        // 99 blocks of 10, 300 tokens a step: the first takes 60 blocks for two steps of prefill and four decodes. The
        // second step has 10 tokens left for a chunk of the second, whose 500 fit only when the first is done
        Run(
            knob,
            ["0,ChatGPT,590,5,595,API log", "0,ChatGPT,500,2,502,API log"],
            "cluster.pools.main.engine.max_num_batched_tokens=300",
            "cluster.pools.main.engine.max_num_seqs=9",
            "cluster.pools.main.engine.async_scheduling=false");
        Assert.StartsWith(queueS, Column("queue_s")[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("100ms")]
    [InlineData("7s")]
    [InlineData("100h")]
    public void No_figure_depends_on_how_finely_the_time_series_is_cut(string interval)
    {
        string[] rows = ["0,ChatGPT,10,1,11,API log", "1,ChatGPT,20,3,23,API log", "2,GPT-4,30,5,35,API log"];
        SummaryBlock one = Run("", rows).Summary.Overall;
        SummaryBlock other = Run("", rows, $"outputs.timeseries_interval={interval}").Summary.Overall;
        Assert.Equal(one, other);
    }

    [Fact]
    public void A_request_that_arrives_as_the_warm_up_ends_counts_and_one_before_does_not()
    {
        RunResult result = Run(
            "", ["0,ChatGPT,10,2,12,API log", "1,ChatGPT,20,3,23,API log", "2,GPT-4,30,5,35,API log"], "warmup=1s");
        Assert.Equal((1, 2), (result.Summary.Warmup.Completed, result.Summary.Overall.Counts.Completed));

        // Gaps between tokens: two and four, the first request's is left out
        Assert.Equal(100, result.Summary.Overall.Itl!.MeanMs, 1e-9);
        Assert.Equal(["1", "0", "0"], Column("warmup"));
    }

    [Fact]
    public void A_cut_leaves_requests_unfinished_with_the_tokens_that_they_got()
    {
        RunResult result = Run(
            "max_num_seqs: 1",
            ["0,ChatGPT,10,1,11,API log", "1,ChatGPT,20,9,29,API log", "1,GPT-4,30,5,35,API log"],
            "duration=1450ms",
            "stop=cut",
            "slo.ttft_ms=400");
        Assert.Equal((1, 2), (result.Summary.Overall.Counts.Completed, result.Summary.Overall.Counts.Unfinished));

        // The second is in its fifth step, four tokens are out; the third waits for 450 ms and has missed its limit
        Assert.Equal(["1", "4", "0"], Column("output_tokens"));
        Assert.Equal(["stop", "unfinished", "unfinished"], Column("finish_reason"));
        Assert.Equal(["1", "", "0"], Column("slo_met"));
        Assert.Equal(0.5, result.Summary.Overall.Attainment);
    }

    [Fact]
    public void A_run_that_counts_nothing_is_an_error_and_leaves_nothing_behind()
    {
        ScenarioException warm = Assert.Throws<ScenarioException>(
            () => Run("", ["0,ChatGPT,10,2,12,API log"], "warmup=10s"));
        Assert.Contains("warmup: all 1 requests arrive before it ends", warm.Message);
        ScenarioException tooLong = Assert.Throws<ScenarioException>(() => Run("", "0,ChatGPT,4000,2,4002,API log"));
        Assert.Contains("no prompt is shorter than max_model_len", tooLong.Message);
        Assert.Empty(_folder.EnumerateFiles("*.json"));
    }

    private RunResult Run(string engine, params string[] rows) => Run(engine, rows, []);

    private RunResult Run(string engine, string[] rows, params string[] settings)
    {
        string trace = Path.Combine(_folder.FullName, "trace.csv");
        File.WriteAllLines(trace, ["Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type", .. rows]);
        string yaml = $$"""
            schema: 1
            name: by-hand
            workload: { source: { name: trace, path: trace.csv, spread_ties: false } }
            cluster:
              pools:
                main:
                  gpu: h100-sxm
                  model: llama-3.1-8b
                  engine: { block_size: 10, num_gpu_blocks_override: 100, max_model_len: 900 }
                  latency: { name: constant, step_ms: 100 }
            outputs: { timeseries_interval: 1s }
            """;
        string knob = "cluster.pools.main.engine." + string.Join('=', engine.Split(": ", 2));
        string[] knobs = engine.Length == 0 ? [] : [knob];
        LoadedScenario scenario = LoadedScenario.Parse(
            yaml, Path.Combine(_folder.FullName, "s.yaml"), [.. knobs, .. settings], Catalog.Default);
        return ScenarioRunner.Run(scenario, new RunOptions(_folder.FullName) { Audit = true });
    }

    private string[] Column(string name)
    {
        string[][] rows =
        [
            .. File.ReadLines(Path.Combine(_folder.FullName, ResultFolder.RequestsCsv)).Select(l => l.Split(',')),
        ];
        int at = Array.IndexOf(rows[0], name);
        return [.. rows.Skip(1).OrderBy(r => int.Parse(r[0])).Select(r => r[at])];
    }
}
