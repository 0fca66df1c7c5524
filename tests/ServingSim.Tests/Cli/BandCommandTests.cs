using System.Text.Json.Nodes;
using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary><c>run --band</c>: the error of step times carried through to a run's figures.</summary>
public sealed class BandCommandTests : IDisposable
{
    private static readonly string Quickstart = CommandRun.Scenario("quickstart");
    private static readonly string[] Latencies =
        ["p50_ttft_ms", "p99_ttft_ms", "p50_tpot_ms", "p99_tpot_ms", "p50_e2el_ms", "p99_e2el_ms"];

    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void The_band_holds_the_run_and_rises_with_step_times_where_load_is_low()
    {
        JsonNode summary = Run("out", "--band", "--set", "workload.arrivals.rate_per_s=4");
        JsonNode band = summary["band"]!;

        foreach (string figure in Latencies)
        {
            double[] values = [.. Values(band, figure)];
            Assert.True(values[0] < values[1] && values[1] < values[2], $"{figure}: {string.Join(", ", values)}");
            Assert.Equal(summary["overall"]![figure]!.GetValue<double>(), values[1]);
        }

        // Host time is not scaled, so that a token takes less than a third more
        double[] tpot = [.. Values(band, "p50_tpot_ms")];
        Assert.InRange(tpot[0] / tpot[1], 0.8, 0.9);
        Assert.InRange(tpot[2] / tpot[1], 1.15, 1.34);
        Assert.Equal([0.8, 1.0, 1.333333], Values(band, "step_time_factor", "main"));
    }

    [Fact]
    public void The_run_itself_is_the_one_without_a_band()
    {
        JsonNode with = Run("with", "--band", "--steps");
        Assert.Equal(
            ["requests.csv", "run.yaml", "steps.csv", "summary.json", "timeseries.csv"], _cli.FilesOf("with"));
        Run("without", "--steps");
        foreach (string name in _cli.FilesOf("without").Where(name => name != "summary.json"))
        {
            Assert.Equal(_cli.Bytes("without", name), _cli.Bytes("with", name));
        }

        Assert.True(with.AsObject().Remove("band"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(_cli.Text("without", "summary.json")), with));
    }

    [Fact]
    public void A_band_is_the_same_however_many_run_at_a_time_and_json_prints_it()
    {
        Run("one", "--band", "--jobs", "1", "--json");
        Assert.Equal(_cli.Text("one", "summary.json"), _cli.Output);
        Run("two", "--band", "--jobs", "2");
        Assert.Equal(_cli.Bytes("one", "summary.json"), _cli.Bytes("two", "summary.json"));
    }

    /// <summary>A pool whose latency the scenario states itself stays as it is.</summary>
    [Fact]
    public void Every_pool_has_a_factor_of_its_own()
    {
        JsonNode band = Run(
            "out", "--band", "--set",
            "cluster.pools.other={ gpu: h100-sxm, model: llama-3.1-8b, latency: { name: constant, step_ms: 9 }, "
            + "engine: { max_model_len: 16384 } }")["band"]!;

        Assert.Equal([0.8, 1.0, 1.333333], Values(band, "step_time_factor", "main"));
        Assert.Equal([1.0, 1.0, 1.0], Values(band, "step_time_factor", "other"));
        string[] lines = _cli.Output.Split('\n');
        Assert.Contains(" step times of main              -20.0 %    0.0 %  +33.3 %", _cli.Output);
        Assert.Contains(" time to first token, p99, ms", _cli.Output);
        Assert.All(lines, line => Assert.True(line.Length <= 100, line));
    }

    [Theory]
    [InlineData("replications.count: found 3, expected 1 with --band", "--replications", "3")]
    [InlineData(
        "cluster.pools: found no latency that states how far it may be off, expected one with --band: roofline or",
        "--set", "cluster.pools.main.latency={ name: constant, step_ms: 9 }")]
    public void A_band_that_cannot_be_is_refused(string message, params string[] arguments)
    {
        Assert.Equal(2, _cli.Run(["run", Quickstart, "--band", .. arguments, "--out", _cli.In("out")]));
        Assert.Contains(message, _cli.Error);
        Assert.Empty(_cli.FilesOf("out"));
    }

    private JsonNode Run(string folder, params string[] arguments)
    {
        int code = _cli.Run(
            ["run", Quickstart, "--set", "requests=300", "--set", "warmup=0s", .. arguments, "--out", _cli.In(folder)]);
        Assert.Equal((0, ""), (code, _cli.Error));
        return JsonNode.Parse(_cli.Text(folder, "summary.json"))!;
    }

    private static IEnumerable<double> Values(JsonNode band, params string[] path) =>
        new[] { "low", "central", "high" }.Select(
            run => path.Aggregate(band[run]!, (node, key) => node[key]!).GetValue<double>());
}
