using System.Text.Json;
using ServingSim.Experiments.Results;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Running;

/// <summary>What the fleet took for what it gave, and where requests' time went.</summary>
public sealed class FleetTests : IDisposable
{
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    /// <summary>
    /// Llama-3.1-8B on two H100s: 6,979,321,856 weights in the layers' matrices, 525,336,576 in the head. Requests of
    /// 100 and 3 tokens at 0 and 1 s, steps of 100 ms: 6 steps, 204 tokens through the layers, 6 through the head, and
    /// contexts of 101 + 102 twice, of 131,072 bytes a token. The run ends at 1.3 s.
    /// </summary>
    [Fact]
    public void Hours_money_and_utilisation_are_those_told_by_hand()
    {
        JsonElement fleet = Run("0,100,3", "1,100,3").GetProperty("fleet");
        JsonElement overall = fleet.GetProperty("overall");
        Assert.True(JsonElement.DeepEquals(overall, fleet.GetProperty("by_pool").GetProperty("main")));
        Assert.Equal(2 * 1.3 / 3600, Of(overall, "gpu_hours"), 1e-12);
        Assert.Equal(2 * 1.3 / 3600, Of(overall, "serving_gpu_hours"), 1e-12);
        Assert.Equal(2 * 0.6 / 3600, Of(overall, "busy_gpu_hours"), 1e-12);
        Assert.Equal(0.6 / 1.3, Of(overall, "busy_share"), 1e-12);
        double usd = 2 * 1.3 / 3600 * 3;
        Assert.Equal(usd, Of(overall, "usd"), 1e-12);
        Assert.Equal(usd / 2, Of(overall, "usd_per_request"), 1e-12);
        Assert.Equal(usd / 206 * 1e6, Of(overall, "usd_per_million_tokens"), 1e-9);
        Assert.Equal(usd / 6 * 1e6, Of(overall, "usd_per_million_output_tokens"), 1e-9);
        double computeS = 2 * ((204 * 6_979_321_856.0) + (6 * 525_336_576.0)) / 989e12;
        Assert.Equal(computeS / 2.6, Of(overall, "compute_utilisation"), 1e-12);
        double weights = 2 * (6_979_321_856.0 + (2 * 525_336_576.0) + (4096 * 65));
        double memoryS = ((6 * weights) + (406 * 131_072.0)) / 3350e9;
        Assert.Equal(memoryS / 2.6, Of(overall, "bandwidth_utilisation"), 1e-9);

        // 700 W: 43 % of them for 1.3 s of two GPUs, and as much again while these compute or read
        Assert.Equal(0.7 * 0.43 * (2.6 + computeS + memoryS) / 3600, Of(overall, "kwh"), 1e-12);
    }

    [Fact]
    public void Without_a_price_nothing_has_a_cost_and_experts_leave_the_bandwidth_open()
    {
        JsonElement overall = Run(
            ["cluster.pools.main.gpu=b200-sxm", "cluster.pools.main.model=mixtral-8x7b"], "0,100,3")
            .GetProperty("fleet").GetProperty("overall");
        Assert.Equal(JsonValueKind.Null, overall.GetProperty("usd").ValueKind);
        Assert.Equal(JsonValueKind.Null, overall.GetProperty("usd_per_million_tokens").ValueKind);
        Assert.Equal(JsonValueKind.Null, overall.GetProperty("bandwidth_utilisation").ValueKind);
        Assert.True(Of(overall, "compute_utilisation") > 0);

        // Their steps count as active throughout: 1,000 W
        double seconds = 3600 * (Of(overall, "gpu_hours") + Of(overall, "busy_gpu_hours"));
        Assert.Equal(0.43 * seconds / 3600, Of(overall, "kwh"), 1e-12);
    }

    /// <summary>One at a time: the second waits for 300 ms. Two steps follow the first token.</summary>
    [Fact]
    public void Time_goes_to_queue_prefill_and_decode()
    {
        JsonElement overall = Run(["cluster.pools.main.engine.max_num_seqs=1"], "0,100,3", "0,100,3")
            .GetProperty("overall");
        Assert.Equal(
            (150, 100, 200, 0, 450),
            (Of(overall, "mean_queue_ms"), Of(overall, "mean_prefill_ms"), Of(overall, "mean_decode_ms"),
                Of(overall, "mean_preempted_ms"), Math.Round(Of(overall, "mean_e2el_ms"), 9)));
    }

    /// <summary>
    /// Both are prefilled at 100 ms. The decode replica has 5 blocks, 3 for each: the second asks for its KV when that
    /// of the first has come, in some 50 ms, and its three tokens are out.
    /// </summary>
    [Theory]
    [InlineData("nixl", 300)]
    [InlineData("distserve", 200)]
    public void What_a_transfer_waits_for_blocks_is_told_of_it(string handoff, double decodeMs)
    {
        JsonElement overall = Run(
            [
                "cluster.pools.main.role=prefill",
                "cluster.pools.main.engine={ max_model_len: 64, block_size: 16 }",
                "cluster.pools.d={ role: decode, gpu: h100-sxm, model: llama-3.1-8b, latency: { name: constant, "
                    + "step_ms: 100 }, engine: { num_gpu_blocks_override: 6, max_model_len: 64, block_size: 16 } }",
                $"cluster.disaggregation={{ handoff: {handoff}, network: {{ latency_us: 50000 }} }}",
            ],
            "0,40,3",
            "0,40,3").GetProperty("overall");
        double wait = Of(overall, "mean_transfer_wait_ms");
        double wire = Of(overall, "mean_transfer_ms") - wait;
        Assert.InRange(wire, 50, 51);
        Assert.Equal((wire + decodeMs) / 2, wait, 1e-6);
    }

    /// <summary>
    /// 6 blocks of 16 tokens for two requests of 40 that grow to 80: one is preempted, and waits until the other is
    /// done.
    /// </summary>
    [Fact]
    public void What_a_preempted_request_waits_again_is_told_apart_and_the_parts_are_the_whole()
    {
        JsonElement overall = Run(
            [
                "cluster.pools.main.engine.num_gpu_blocks_override=7", "cluster.pools.main.engine.max_model_len=90",
                "cluster.pools.main.engine.block_size=16",
            ],
            "0,40,40",
            "0,40,40").GetProperty("overall");
        Assert.Equal(1, Of(overall, "preemptions"));

        // Both hold 3 blocks and 48 tokens after 9 steps; the second is back when the first has all 40 tokens
        Assert.Equal((40 - 9) * 100 / 2.0, Of(overall, "mean_preempted_ms"), 1e-6);
        Assert.Equal(
            Of(overall, "mean_e2el_ms"),
            new[] { "queue", "prefill", "decode", "preempted" }.Sum(part => Of(overall, $"mean_{part}_ms")),
            1e-6);
    }

    [Fact]
    public void Jains_index_is_1_for_equals_and_1_over_n_for_one_that_has_all()
    {
        Assert.Equal(1, Fairness.Jain([3, 3, 3])!.Value, 1e-12);
        Assert.Equal(0.25, Fairness.Jain([0, 0, 7, 0])!.Value, 1e-12);
        Assert.Equal(36 / (3 * 14.0), Fairness.Jain([1, 2, 3])!.Value, 1e-12);
        Assert.Null(Fairness.Jain([]));
        Assert.Null(Fairness.Jain([0, 0]));
    }

    /// <summary>Of tenant b's two requests one is refused: shares 1 and 0.5.</summary>
    [Fact]
    public void Jains_index_is_of_what_each_labels_values_got()
    {
        JsonElement summary = Run(
            ["report_by=[tenant]", "cluster.admission={ name: queue-caps, max_num_queued_reqs: 1 }"],
            "0,100,3,a",
            "1,100,3,b",
            "1,100,3,b");
        Assert.Equal(2.25 / (2 * 1.25), Of(summary.GetProperty("jain_index"), "tenant"), 1e-12);
    }

    private static double Of(JsonElement parent, string name) => parent.GetProperty(name).GetDouble();

    private JsonElement Run(params string[] rows) => Run([], rows);

    private JsonElement Run(string[] settings, params string[] rows)
    {
        string header = rows[0].Count(c => c == ',') > 2
            ? "arrival_s,prompt_tokens,output_tokens,tenant"
            : "arrival_s,prompt_tokens,output_tokens";
        _cli.File("trace.csv", string.Join('\n', [header, .. rows]) + "\n");
        string scenario = _cli.File("s.yaml", """
            schema: 1
            name: fleet
            workload: { source: { name: plain-trace, path: trace.csv } }
            cluster:
              pools:
                main:
                  gpu: h100-sxm
                  model: llama-3.1-8b
                  parallelism: { tp: 2 }
                  latency: { name: constant, step_ms: 100 }
            """);
        int code = _cli.Run(
        [
            "run", scenario, "--audit", "--quiet", "--out", _cli.In("out"),
            .. settings.SelectMany(s => new[] { "--set", s }),
        ]);
        Assert.Equal((0, ""), (code, _cli.Error));
        return JsonDocument.Parse(_cli.Text("out", "summary.json")).RootElement;
    }
}
