using System.Text.Json.Nodes;
using ServingSim.Engine.Latency;
using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Scenarios;

/// <summary>Latency models that come from files, and hosts that come with them.</summary>
public sealed class LatencyFileTests : IDisposable
{
    private const string Pool = "cluster.pools.main.";
    private const string Header = """
        schema: 1
        gpu: h100-sxm
        engine: vLLM
        version: 0.15.1
        source: a test
        licence: none

        """;

    private const string Linear = """
        latency:
          name: linear
          prefill: { base_ms: 20, ms_per_token: 0.1 }
          decode: [{ base_ms: 20, ms_per_context_token: 0.001, ms_per_decode: 0.1 }]

        """;

    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void A_path_to_a_file_stands_for_the_model_in_it()
    {
        PoolSection pool = Load(_cli.File("own.yaml", Header + Linear));

        Assert.Equal("linear", pool.Latency.Part.Name);
        Assert.Equal("own", pool.Latency.File!.Name);
        Assert.Equal(1, Load("{ name: constant, step_ms: 3 }").Latency.Part.Create(null!)
            .TimeOf(new StepShape([], 1, 1, 1)).Sum.TotalMilliseconds / 3);
    }

    [Fact]
    public void A_name_that_is_neither_a_part_nor_a_file_is_told_with_all_there_are()
    {
        string message = Assert.Throws<ScenarioException>(() => Load("rooflin")).Message;

        Assert.Contains("no latency model is named 'rooflin' (did you mean 'roofline'?); known: roofline, li", message);
        Assert.Contains(", or a path to a file that holds one", message);
    }

    [Fact]
    public void A_file_serves_only_what_it_was_measured_on()
    {
        string file = _cli.File("own.yaml", Header + Linear + "model: llama-2-7b\ntp: 2\n");
        string message = Assert.Throws<ScenarioException>(() => Load(file, Pool + "gpu=a100-sxm-80gb")).Message;

        Assert.Contains("latency: was measured on GPU h100-sxm, expected a100-sxm-80gb", message);
        Assert.Contains("latency: was measured on model llama-2-7b, expected llama-3.1-8b", message);
        Assert.Contains("latency: was measured on tp 2, expected 1", message);
        Load(file, Pool + "model=llama-2-7b", Pool + "parallelism.tp=2", Pool + "engine={}");
    }

    [Fact]
    public void The_pools_host_wins_over_the_files_and_the_files_over_the_usual()
    {
        string file = _cli.File(
            "own.yaml", Header + "latency: roofline\nhost: { ms_per_step: 2, us_per_request: 7 }\n");

        Assert.Equal(new HostOverhead(1.5, 10, 0), LatencyResolution.HostOf(Load("roofline")));
        Assert.Equal(new HostOverhead(2, 10, 7), LatencyResolution.HostOf(Load(file)));
        Assert.Equal(
            new HostOverhead(3, 10, 7), LatencyResolution.HostOf(Load(file, Pool + "host.ms_per_step=3")));
        Assert.Equal(new HostOverhead(), LatencyResolution.HostOf(Load("{ name: constant, step_ms: 3 }")));
    }

    [Fact]
    public void What_a_host_broadcasts_is_in_the_steps_of_several_GPUs_only()
    {
        const string Constant = "{ name: constant, step_ms: 3 }";
        string[] broadcast = [Pool + "host={ broadcast_ms: 0.5, broadcast_us_per_sequence: 250 }"];

        Assert.Equal(3, HostAndDeviceMs(Load(Constant, broadcast)));
        Assert.Equal(3.5 + (2 * 0.25), HostAndDeviceMs(Load(Constant, [.. broadcast, Pool + "parallelism.tp=2"])));
    }

    private static double HostAndDeviceMs(PoolSection pool)
    {
        StepTime time = LatencyResolution.Resolve(pool).TimeOf(new StepShape([], 2, 10, 2));
        return (time.Host + time.Device).TotalMilliseconds;
    }

    [Fact]
    public void A_front_end_delays_first_tokens_and_no_step()
    {
        const string Slow = "{ name: constant, step_ms: 3 }";
        Assert.Equal(0, Run(Slow, "2147483647", "out"));
        Assert.Equal(0, Run(Slow, "2147483647", "late", Pool + "host.frontend_ms=500"));

        Assert.InRange(Figure("late", "mean_ttft_ms") - Figure("out", "mean_ttft_ms"), 495, 505);
        Assert.InRange(Figure("late", "mean_tpot_ms") / Figure("out", "mean_tpot_ms"), 0.95, 1.05);

        double Figure(string folder, string key) => Summary(folder)["overall"]![key]!.GetValue<double>();
    }

    [Fact]
    public void A_bad_host_is_refused() => Assert.Contains(
        "host.us_per_sequence: found -1, expected 0 or more",
        Assert.Throws<ScenarioException>(() => Load("roofline", Pool + "host.us_per_sequence=-1")).Message);

    [Fact]
    public void A_run_tells_its_source_its_error_and_the_steps_outside_the_measured_range()
    {
        string file = _cli.File("own.yaml", Header + Linear + """
            range: { decodes: [1, 4], context_tokens: [1, 1000000], prefill_tokens: [1, 8192] }
            held_out: { rows: 10, median_error: 0.031, p90_error: 0.2 }
            """);
        Assert.Equal((0, ""), (Run(file, "2147483647", "out"), _cli.Error));
        string output = _cli.Output;
        JsonNode runs = Summary("out");
        long steps = runs["overall"]!["steps"]!.GetValue<long>();
        long outside = runs["overall"]!["steps_outside_range"]!.GetValue<long>();

        Assert.InRange(outside, 1, steps - 1);
        Assert.Contains(
            $"step times: linear, h100-sxm, vLLM 0.15.1, ±3.1 %; {100.0 * outside / steps:0.0} % of steps outside its",
            output.Replace("%", " %").Replace("  ", " ").ReplaceLineEndings(" "));
        Assert.Equal("linear, h100-sxm, vLLM 0.15.1, ±3.1 %", runs["step_times"]!["main"]!.GetValue<string>());

        Assert.Equal(0, Run(file, "1", "steps"));
        Assert.Equal(outside, Summary("steps")["overall"]!["steps_outside_range"]!.GetValue<long>());
    }

    [Fact]
    public void Steps_outside_the_range_are_the_same_with_two_plans_in_flight_and_runs_of_many()
    {
        string file = _cli.File("own.yaml", Header + Linear + """
            range: { decodes: [1, 40], context_tokens: [1000, 9000], prefill_tokens: [1, 8192] }
            """);
        const string Async = Pool + "engine.profile=vllm-v1-late";
        Assert.Equal(0, Run(file, "2147483647", "out", Async));
        Assert.Equal(0, Run(file, "1", "steps", Async));

        Assert.Equal(
            Summary("steps")["overall"]!["steps_outside_range"]!.GetValue<long>(),
            Summary("out")["overall"]!["steps_outside_range"]!.GetValue<long>());
    }

    [Fact]
    public void Without_a_measured_range_no_step_is_said_to_be_outside()
    {
        Assert.Equal(0, Run("roofline", "2147483647", "out"));

        Assert.Null(Summary("out")["overall"]!["steps_outside_range"]);
        Assert.Contains("step times: roofline from the data sheet, ±10-40 %", _cli.Output);
    }

    [Fact]
    public void Efficiencies_that_the_scenario_states_are_not_said_to_be_the_data_sheets()
    {
        Assert.Equal(0, Run("{ name: roofline, step_us: 300 }", "1", "out"));

        Assert.Contains("step times: roofline as the scenario states it, error not stated", _cli.Output);
    }

    [Fact]
    public void What_a_run_understood_names_the_file_and_runs_again()
    {
        string file = _cli.File("own.yaml", Header + Linear);
        Assert.Equal(0, Run(file, "2147483647", "out"));

        string yaml = File.ReadAllText(Path.Combine(_cli.In("out"), "run.yaml"));
        Assert.Contains("latency: ../own.yaml", yaml);
        Assert.Contains("ms_per_step: 0", yaml);
        Assert.Equal(0, _cli.Run("run", Path.Combine(_cli.In("out"), "run.yaml"), "--out", _cli.In("again")));
        Assert.Equal(_cli.Bytes("out", "summary.json"), _cli.Bytes("again", "summary.json"));
    }

    [Fact]
    public void A_wrong_file_is_told_by_its_own_lines()
    {
        string file = _cli.File("own.yaml", Header.Replace("1\n", "2\n") + Linear + "range: { decodes: [4, 1] }\n");
        string message = Assert.Throws<ScenarioException>(() => Load(file)).Message;

        Assert.Contains("own.yaml:11: range", message);
        Assert.Contains("range.context_tokens: missing", message);
    }

    private static PoolSection Load(string latency, params string[] settings) => LoadedScenario.Read(
        CommandRun.Scenario("quickstart"), [Pool + "latency=" + latency, .. settings], Catalog.Default)
        .Scenario.Cluster.Pools["main"];

    private int Run(string latency, string maxRunSteps, string folder, string setting = "seed=1") => _cli.Run(
        "run", CommandRun.Scenario("quickstart"), "--set", Pool + "latency=" + latency, "--set",
        Pool + "engine.max_run_steps=" + maxRunSteps, "--set", "requests=200", "--set", "warmup=0s", "--set",
        setting,
        "--out", _cli.In(folder));

    private JsonNode Summary(string folder) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(_cli.In(folder), "summary.json")))!;
}
