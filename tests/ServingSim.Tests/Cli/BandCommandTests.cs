using System.Globalization;
using System.Text.Json.Nodes;
using ServingSim.Tests.Experiments.Planning;
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
    [InlineData(
        "cluster.pools: found no latency that states how far it may be off, expected one with --band: roofline or",
        "--set", "cluster.pools.main.latency={ name: constant, step_ms: 9 }")]
    public void A_band_that_cannot_be_is_refused(string message, params string[] arguments)
    {
        Assert.Equal(2, _cli.Run(["run", Quickstart, "--band", .. arguments, "--out", _cli.In("out")]));
        Assert.Contains(message, _cli.Error);
        Assert.Empty(_cli.FilesOf("out"));
    }

    [Fact]
    public void Replications_have_a_band_too()
    {
        Run("many", "--band", "--replications", "3", "--set", "workload.arrivals.rate_per_s=4");
        string[][] rows = Rows("many", "estimates.csv");
        Assert.Equal(
            ["figure", "runs", "mean", "half_width", "confidence", "mean_fast_steps", "mean_slow_steps"], rows[0]);
        foreach (string figure in Latencies)
        {
            double[] row = [.. rows.Single(r => r[0] == figure)[1..].Select(Number)];
            Assert.True(row[4] < row[1] && row[1] < row[5], $"{figure}: {string.Join(", ", row)}");
        }

        Assert.Contains(" band of step times", _cli.Output);
        Assert.All(_cli.Output.Split('\n'), line => Assert.True(line.Length <= 100, line));

        // The ends are those that a run with the same steps would have
        Run("once", "--band", "--set", "workload.arrivals.rate_per_s=4");
        string slow = JsonNode.Parse(_cli.Text("once", "summary.json"))!["band"]!["high"]!["p99_e2el_ms"]!.ToString();
        Assert.NotEqual(slow, rows.Single(r => r[0] == "p99_e2el_ms")[6]);
    }

    [Fact]
    public void A_comparison_says_which_differences_hold_within_the_band()
    {
        Assert.Equal(0, _cli.Run(
            "compare", Quickstart, "--set", "requests=300", "--set", "warmup=0s", "--band", "--vary",
            "cluster.pools.main.replicas=4,1", "--vary", "cluster.router=least-outstanding", "--figure", "p99_ttft_ms",
            "--figure", "completed", "--out", _cli.In("out")));
        string[][] rows = Rows("out", "comparison.csv");
        Assert.Equal(["mean_fast_steps", "mean_slow_steps", "holds_in_band"], rows[0][^3..]);
        string[][] ttft = [.. rows.Where(r => r[1] == "p99_ttft_ms")];
        Assert.Equal(["", "1"], ttft.Select(r => r[^1]));
        Assert.All(ttft, r => Assert.True(Number(r[8]) < Number(r[3]) && Number(r[3]) < Number(r[9])));
        Assert.Equal("0", rows.Last(r => r[1] == "completed")[^1]);
        Assert.Contains("in band", _cli.Output);
        Assert.All(_cli.Output.Split('\n'), line => Assert.True(line.Length <= 100, line));
    }

    [Fact]
    public void Slower_steps_leave_less_goodput()
    {
        Assert.Equal(0, _cli.Run(
            "goodput", Quickstart, "--set", "requests=300", "--set", "warmup=0s", "--set",
            "cluster.pools.main.replicas=1", "--target", "0.9", "--tolerance", "0.2", "--replications", "2", "--band",
            "--out", _cli.In("out")));
        string[][] rows = Rows("out", "goodput_band.csv");
        Assert.Equal(["step_times", "low", "central", "high"], rows.Select(r => r[0]));
        Assert.True(Number(rows[1][2]) > Number(rows[3][2]), string.Join(", ", rows.Select(r => r[2])));
        Assert.Contains("max goodput, requests/s", _cli.Output);
    }

    [Fact]
    public void Slower_steps_need_no_cheaper_fleet()
    {
        _cli.File("burst.yaml", PlanSample.Scenario);
        string plan = _cli.File("plan.yaml", PlanSample.Gpus);
        Assert.Equal(0, _cli.Run(
            "plan", plan, "--set", "fleets=1", "--replications", "2", "--band", "--out", _cli.In("out")));
        string[][] rows = Rows("out", "plan_band.csv");
        Assert.Equal(["step_times", "low", "central", "high"], rows.Select(r => r[0]));
        double[] costs = [.. rows[1..].Select(r => Number(r[4]))];
        Assert.True(costs[0] <= costs[1] && costs[1] <= costs[2] && costs[0] < costs[2], string.Join(", ", costs));
        Assert.Contains(" band of step times", _cli.Output);
    }

    private string[][] Rows(string folder, string file) =>
        [.. _cli.Text(folder, file).TrimEnd().Split('\n').Select(row => row.Split(','))];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

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
