using System.Text.Json;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Running;

/// <summary>What stages of a pipeline are good for, from a user's side.</summary>
public sealed class PipelineScenarioTests : IDisposable
{
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    /// <summary>
    /// With one batch in flight a second stage adds GPUs and no throughput; with one in each it can double it at most.
    /// </summary>
    [Theory]
    [InlineData("{ name: roofline }")]
    [InlineData("h100-sxm")]
    public void Saturated_stages_serve_nearly_as_many_times_as_much(string latency)
    {
        double one = Throughput(1, latency, concurrency: 128);

        Assert.InRange(Throughput(2, latency, concurrency: 128) / one, 1.5, 2);
        Assert.InRange(Throughput(4, latency, concurrency: 128) / one, 2.5, 4);
    }

    [Fact]
    public void One_request_at_a_time_gains_nothing() =>
        Assert.InRange(
            Throughput(2, "{ name: roofline }", concurrency: 1) / Throughput(1, "{ name: roofline }", concurrency: 1),
            0.95,
            1);

    [Fact]
    public void Validate_says_how_many_batches_are_in_flight_and_what_crosses_the_network()
    {
        Assert.Equal(0, Validate("parallelism={ tp: 8, pp: 2 }"));
        Assert.Contains("a pipeline of 2 stages (16 + 16 layers) with up to 2 batches in flight", _cli.Output);
        Assert.Contains("16 GPUs that work together, of which a link joins 8: the others over a netw", _cli.Output);
        Assert.Equal(0, Validate("parallelism={ pp: 2 }", "engine={ profile: vllm-v0, max_model_len: 4096 }"));
        Assert.Contains("with one batch in flight; the engine keeps up to 2", OneLine(_cli.Output));
        Assert.DoesNotContain("a link joins", _cli.Output);
    }

    [Fact]
    public void More_gpus_than_the_link_joins_are_refused_where_no_network_is_known()
    {
        Assert.Equal(2, Validate("parallelism={ tp: 16 }", "gpu=l40s", "model=llama-2-70b"));
        Assert.Contains(
            "tp · pp is 16, but the link of NVIDIA L40S joins link_gpus (8) of them; expected at most as many, or "
                + "network_gb_per_s in the GPU's file",
            _cli.Error);
    }

    [Fact]
    public void Pipelines_need_no_asynchronous_scheduling()
    {
        Assert.Equal(2, Validate("parallelism={ pp: 2 }", "engine.async_scheduling=true"));
        Assert.Contains("async_scheduling is true beside pp 2", _cli.Error);
        Assert.Equal(0, Validate("parallelism={ pp: 2 }", "engine.profile=vllm-v1-late"));
    }

    private static string OneLine(string text) => string.Join(' ', text.Split(['\n', ' ', '#'],
        StringSplitOptions.RemoveEmptyEntries));

    private int Validate(params string[] settings) => _cli.Run(
        ["validate", CommandRun.Scenario("quickstart"), .. Sets(settings)]);

    private double Throughput(int pp, string latency, int concurrency)
    {
        string[] pool = [$"parallelism={{ pp: {pp} }}", $"latency={latency}", "replicas=1"];
        string scenario = _cli.File("saturated.yaml", $$"""
            schema: 1
            name: saturated
            requests: {{4 * concurrency}}
            workload:
              source: { name: closed-loop, concurrency: {{concurrency}} }
              prompt_tokens: { name: constant, tokens: 1000 }
              output_tokens: { name: constant, tokens: 60 }
            cluster:
              pools: { main: { gpu: h100-sxm, model: llama-3.1-8b, latency: roofline } }
            """);
        Assert.Equal(0, _cli.Run(["run", scenario, "--json", "--out", _cli.In("out"), .. Sets(pool)]));
        return JsonDocument.Parse(_cli.Output).RootElement.GetProperty("overall").GetProperty("output_throughput")
            .GetDouble();
    }

    private static IEnumerable<string> Sets(string[] settings) =>
        settings.SelectMany(s => new[] { "--set", "cluster.pools.main." + s });
}
