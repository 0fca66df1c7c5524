using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads;

/// <summary>Generators as a scenario writes them, with all their options, run to the end.</summary>
public sealed class GeneratorScenarioTests : IDisposable
{
    private const string Rates = "[1, 1, 0, 0, 1, 2, 3, 5, 8, 8, 8, 7, 6, 7, 8, 8, 8, 7, 6, 5, 5, 4, 3, 2]";

    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("{ name: constant, rate_per_s: 10 }")]
    [InlineData("{ name: weibull, rate_per_s: 10, shape: 0.6 }")]
    [InlineData("{ name: on-off, batch_requests: 20, batch_rate_per_s: 50, off_mean: 3s, off_sigma: 1.2 }")]
    [InlineData("{ name: ramp, start_rate_per_s: 0, end_rate_per_s: 50, ramp_time: 20s, shape: 0.5 }")]
    [InlineData("{ name: spike, rate_per_s: 5, factor: 10, spike_start: 5s, spike_end: 8s, shape: 0.5 }")]
    [InlineData("{ name: hourly, rates_per_s: " + Rates + " }")]
    [InlineData("{ name: hourly, rates_per_s: " + Rates
        + ", day: 30s, weekday_factors: [1, 1, 1, 1, 1, 0.5, 0], shape: 0.5 }")]
    public void Arrivals_run(string arrivals) => Run("duration=100000s", "workload.arrivals=" + arrivals);

    [Theory]
    [InlineData("{ name: uniform, min_tokens: 10, max_tokens: 500 }")]
    [InlineData("{ name: zipf, theta: 1.1, max_tokens: 1023 }")]
    [InlineData("{ name: pareto, shape: 1.2, min_tokens: 10, max_tokens: 4096 }")]
    public void Lengths_run(string lengths)
    {
        string scenario = File.ReadAllText(CommandRun.Scenario("quickstart")).Replace(
            "lengths: { name: joint-table, path: burstgpt-conversation }",
            $"prompt_tokens: {lengths}\n  output_tokens: {lengths}",
            StringComparison.Ordinal);
        RunFile(_cli.File("quickstart.yaml", scenario));
    }

    [Fact]
    public void A_bad_option_is_told_with_its_key()
    {
        int code = _cli.Run(
            "validate", CommandRun.Scenario("quickstart"),
            "--set", "workload.arrivals={ name: hourly, rates_per_s: [1] }");

        Assert.NotEqual(0, code);
        Assert.Contains("workload.arrivals.rates_per_s: found 1 numbers, expected 24", _cli.Error);
    }

    private void Run(params string[] settings) => RunFile(CommandRun.Scenario("quickstart"), settings);

    private void RunFile(string file, params string[] settings)
    {
        int code = _cli.Run(
        [
            "run", file, "--audit", "--quiet", "--out", _cli.In("out"), "--set", "warmup=0s", "--set", "requests=200",
            .. settings.SelectMany(s => new[] { "--set", s }),
        ]);
        Assert.Equal((0, ""), (code, _cli.Error));
    }
}
