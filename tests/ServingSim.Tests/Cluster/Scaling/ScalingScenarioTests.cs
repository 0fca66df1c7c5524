using System.Text.Json;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Cluster.Scaling;

/// <summary>Every autoscaler in a whole run, and mistaken options.</summary>
public sealed class ScalingScenarioTests : IDisposable
{
    private const string Pool = "cluster.pools.main";
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("{ name: schedule, counts: [{ at: 0s, replicas: 2 }, { at: 40s, replicas: 5 }], repeat: 90s }")]
    [InlineData("{ name: hpa, metric: concurrency, target: 20, downscale_stabilization: 30s }")]
    [InlineData("{ name: hpa, metric: kv_cache_usage, target: 0.05, tolerance: 0.2, sync: 10s }")]
    [InlineData("{ name: thresholds, by: kv_cache_usage, up: 0.03, down: 0.01, grace_intervals: 1 }")]
    [InlineData("{ name: thresholds, by: queue, up: 0.5, down: 0.1, adjustment_interval: 6s, metric_interval: 2s }")]
    public void A_run_keeps_the_laws_and_is_the_same_again(string autoscaler)
    {
        Assert.Equal((0, ""), (Run(autoscaler, "a"), _cli.Error));
        Assert.Equal((0, ""), (Run(autoscaler, "b"), _cli.Error));
        Assert.Equal(_cli.Bytes("a", "requests.csv"), _cli.Bytes("b", "requests.csv"));
        Assert.Equal(_cli.Bytes("a", "summary.json"), _cli.Bytes("b", "summary.json"));
        JsonElement fleet = JsonDocument.Parse(_cli.Text("a", "summary.json")).RootElement
            .GetProperty("fleet").GetProperty("overall");
        Assert.True(fleet.GetProperty("replicas_started").GetInt32() > 0, "nothing was started");
        double paid = fleet.GetProperty("gpu_hours").GetDouble();
        Assert.True(paid > fleet.GetProperty("serving_gpu_hours").GetDouble(), "a start costs nothing");
    }

    /// <summary>Weights of 16.06 GB at 1.606 GB/s: 10 s, and 1 + 2 + 3 + 4 s.</summary>
    [Fact]
    public void A_cold_start_is_the_sum_of_its_parts()
    {
        Assert.Equal((0, ""), (Run(
            "{ name: schedule, counts: [{ at: 10s, replicas: 3 }] }", "a", "cold_start.provision=1s",
            "cold_start.image=2s", "cold_start.weights_gb_per_s=1.606052864", "cold_start.capture=3s",
            "cold_start.warmup=4s"), _cli.Error));
        JsonElement fleet = JsonDocument.Parse(_cli.Text("a", "summary.json")).RootElement
            .GetProperty("fleet").GetProperty("overall");
        double serving = fleet.GetProperty("serving_gpu_hours").GetDouble();
        Assert.Equal(20.0 / 3600, fleet.GetProperty("gpu_hours").GetDouble() - serving, 1e-6);
    }

    [Theory]
    [InlineData("scaling.max_replicas=1", "scaling.max_replicas: found 1, expected min_replicas (2) to 10000")]
    [InlineData("scaling.min_replicas=0", "scaling.min_replicas: found 0, expected at least 1")]
    [InlineData("replicas=9", "replicas: found 9, expected scaling's 2 to 6")]
    [InlineData("scaling.cold_start.image=-1s", "scaling.cold_start.image")]
    [InlineData("scaling.cold_start.weights_gb_per_s=0", "weights_gb_per_s: found 0, expected more than 0")]
    [InlineData("scaling.autoscaler={ name: hpa, target: 0 }", "autoscaler.target: found 0, expected more than 0")]
    [InlineData(
        "scaling.autoscaler={ name: hpa, target: 5, metric: kv_cache_usage }",
        "autoscaler.target: found 5, expected a share of KV blocks, at most 1")]
    [InlineData(
        "scaling.autoscaler={ name: schedule, counts: [{ at: 0s, replicas: 6 }, { at: 5s, replicas: 7 }] }",
        "scaling.autoscaler.counts.1.replicas: found 7, expected at most max_replicas (6)")]
    [InlineData("scaling.autoscaler={ name: hpa, target: 1, sync: 0s }", "expected at least 1ms")]
    [InlineData("scaling.autoscaler={ name: hpa, target: 1, tolerance: 1 }", "expected a number from 0 to below 1")]
    [InlineData("scaling.autoscaler={ name: thresholds, up: 1, down: 2 }", "expected up above down")]
    [InlineData(
        "scaling.autoscaler={ name: thresholds, adjustment_interval: 1500ms }", "a multiple of metric_interval")]
    [InlineData("scaling.autoscaler={ name: thresholds, grace_intervals: -1 }", "expected at least 0")]
    [InlineData(
        "scaling.autoscaler={ name: thresholds, by: kv_cache_usage, up: 5 }",
        "autoscaler.up: found 5, expected a share of KV blocks, below 1")]
    [InlineData("scaling.autoscaler={ name: schedule, counts: [] }", "autoscaler.counts: found none")]
    [InlineData("scaling.autoscaler={ name: schedule, counts: [{ at: 5s, replicas: 0 }] }", "expected at least 1")]
    [InlineData(
        "scaling.autoscaler={ name: schedule, counts: [{ at: 5s, replicas: 1 }], repeat: 5s }",
        "expected more than the last of the times")]
    [InlineData("scaling.autoscaler=vpa", "hpa")]
    public void A_mistake_is_told(string setting, string expected)
    {
        Assert.Equal(2, Run("{ name: hpa, target: 5 }", "a", setting));
        Assert.Contains(expected, _cli.Error);
    }

    /// <summary>A fault may be of any of the six that there can be, and strikes the two that there are.</summary>
    [Theory]
    [InlineData("main", 0, "main/0 main/1")]
    [InlineData("main/5", 0, "")]
    [InlineData("main/6", 2, "found 'main/6', expected a pool or a replica: main, main/0 … main/5")]
    public void Faults_strike_replicas_that_are_there(string on, int code, string told)
    {
        string fault = $"{{ fault: crash, on: {on}, when: {{ name: schedule, at: [2s], lasts: 1s }} }}";
        string[] arguments = Arguments("{ name: schedule, counts: [{ at: 0s, replicas: 2 }] }", "a");
        Assert.Equal(code, _cli.Run([.. arguments, "--set", $"cluster.faults=[{fault}]"]));
        if (code == 0)
        {
            string[][] rows = [.. _cli.Text("a", "faults.csv").Trim().Split('\n').Select(row => row.Split(','))];
            int replica = Array.IndexOf(rows[0], "replica");
            Assert.Equal(told, string.Join(' ', rows[1..].Select(row => row[replica])));
        }
        else
        {
            Assert.Contains(told, _cli.Error);
        }
    }

    [Fact]
    public void A_budget_below_what_pools_begin_with_is_told()
    {
        Assert.Equal(2, _cli.Run(
            "run", CommandRun.Scenario("quickstart"), "--quiet", "--out", _cli.In("a"), "--set",
            "cluster.gpu_budget=3"));
        Assert.Contains("cluster.gpu_budget: found 3, but the pools begin with 4 GPUs", _cli.Error);
    }

    private int Run(string autoscaler, string folder, params string[] more) =>
        _cli.Run([.. Arguments(autoscaler, folder, more)]);

    private string[] Arguments(string autoscaler, string folder, params string[] more) =>
    [
        "run", CommandRun.Scenario("quickstart"), "--audit", "--quiet", "--out", _cli.In(folder),
        "--set", "requests=6000", "--set", "warmup=0s", "--set", "cluster.gpu_budget=6", "--set", $"{Pool}.replicas=2",
        "--set", $"{Pool}.scaling={{ autoscaler: {autoscaler}, min_replicas: 2, max_replicas: 6, cold_start: "
            + "{ provision: 2s, image: 1s, weights_gb_per_s: 10, capture: 1s, warmup: 1s } }",
        .. more.SelectMany(m => new[]
        {
            "--set", m.StartsWith("cold_start", StringComparison.Ordinal) ? $"{Pool}.scaling.{m}" : $"{Pool}.{m}",
        }),
    ];
}
