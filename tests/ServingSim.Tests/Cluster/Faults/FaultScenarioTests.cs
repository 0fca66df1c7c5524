using System.Text.Json;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Cluster.Faults;

/// <summary>Faults and clients in whole runs of files, and mistaken ones.</summary>
public sealed class FaultScenarioTests : IDisposable
{
    private const string Schedule = "when: { name: schedule, at: [5s], lasts: 5s }";

    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("{ fault: crash, on: main/1, " + Schedule + " }")]
    [InlineData("{ fault: { name: crash, connections: hang }, on: main/1, " + Schedule + " }")]
    [InlineData("{ fault: { name: slow-gpu, factor: 3 }, on: main, " + Schedule + " }")]
    [InlineData("{ fault: { name: spot-eviction, notice: 1s }, on: main/0, " + Schedule + " }")]
    [InlineData("{ fault: crash, on: main, when: { name: mtbf, mean_time_between: 10s, mean_time_to_repair: 2s } }")]
    public void A_run_with_faults_keeps_the_laws_and_is_the_same_again(string fault)
    {
        Assert.Equal((0, ""), (Run(fault, "a"), _cli.Error));
        Assert.Equal((0, ""), (Run(fault, "b"), _cli.Error));
        Assert.Equal(_cli.Bytes("a", "requests.csv"), _cli.Bytes("b", "requests.csv"));
        Assert.Equal(_cli.Bytes("a", "faults.csv"), _cli.Bytes("b", "faults.csv"));
        Assert.Equal(_cli.Bytes("a", "summary.json"), _cli.Bytes("b", "summary.json"));
        JsonElement summary = JsonDocument.Parse(_cli.Text("a", "summary.json")).RootElement;
        int faults = summary.GetProperty("faults").GetProperty("faults").GetInt32();
        Assert.Equal(faults, _cli.Text("a", "faults.csv").Trim().Split('\n').Length - 1);
        Assert.True(faults > 0);
        JsonElement clients = summary.GetProperty("clients");
        Assert.Equal(
            clients.GetProperty("attempts").GetInt64(),
            summary.GetProperty("arrived").GetInt64() + clients.GetProperty("retries").GetInt64());
        Assert.Equal(0, _cli.Run("run", _cli.In(Path.Combine("a", "run.yaml")), "--quiet", "--out", _cli.In("c")));
        Assert.Equal(_cli.Bytes("a", "requests.csv"), _cli.Bytes("c", "requests.csv"));
    }

    [Fact]
    public void A_column_tells_how_often_a_client_tried_and_the_reason_why_it_stopped()
    {
        Assert.Equal(0, Run("{ fault: crash, on: main, " + Schedule + " }", "a"));
        string[][] rows = [.. _cli.Text("a", "requests.csv").Trim().Split('\n').Select(row => row.Split(','))];
        int attempt = Array.IndexOf(rows[0], "attempt");
        int reason = Array.IndexOf(rows[0], "finish_reason");
        Assert.Contains(rows[1..], row => row[attempt] == "2" && row[reason] == "stop");
        Assert.Contains(rows[1..], row => row[attempt] == "4" && row[reason] == "refused:no_replica");
    }

    [Theory]
    [InlineData("{ fault: crash, on: main/4, " + Schedule + " }",
        "cluster.faults.0.on: found 'main/4', expected a pool or a replica: main, main/0 … main/3")]
    [InlineData("{ fault: crash, on: other, " + Schedule + " }", "cluster.faults.0.on: found 'other', expected a pool")]
    [InlineData("{ fault: fire, on: main, " + Schedule + " }",
        "cluster.faults.0.fault: no fault is named 'fire'; known: crash, slow-gpu, link, spot-eviction")]
    [InlineData("{ fault: crash, on: main, when: never }",
        "cluster.faults.0.when: no fault plan is named 'never'; known: schedule, mtbf")]
    [InlineData("{ fault: crash, on: main }", "cluster.faults.0.when: missing, expected ")]
    [InlineData("{ fault: crash, on: main, when: { name: schedule, at: [10s, 12s], lasts: 5s } }",
        "cluster.faults.0.when: the fault of 10.00000000000 s is not over at 12.00000000000 s")]
    [InlineData("{ fault: crash, on: main, when: { name: schedule, at: [] } }",
        "cluster.faults.0.when.at: found none, expected at least one time")]
    [InlineData("{ fault: { name: slow-gpu, factor: 0.5 }, on: main, " + Schedule + " }",
        "cluster.faults.0.fault.factor: found 0.5, expected a number above 1, at most 1000")]
    [InlineData("{ fault: { name: link, factor: 1 }, on: main, " + Schedule + " }",
        "cluster.faults.0.fault.factor: found 1, expected 0 (lost), or from 0.000001 to below 1")]
    [InlineData("{ fault: { name: link, factor: -0.1 }, on: main, " + Schedule + " }",
        "cluster.faults.0.fault.factor: found -0.1, expected 0 (lost), or from 0.000001 to below 1")]
    [InlineData("{ fault: link, on: main/0, " + Schedule + " }",
        "cluster.faults.0.fault: found a fault of links over which no KV moves, expected pools of role prefill and")]
    [InlineData("{ fault: crash, on: main, when: { name: mtbf, mean_time_between: 0s } }",
        "cluster.faults.0.when.mean_time_between: found 0.00000000000 s, expected at least 1ms")]
    public void A_mistaken_fault_is_told(string fault, string message)
    {
        Assert.Equal(2, Run(fault, "a"));
        Assert.Contains(message, _cli.Error);
        Assert.Empty(_cli.FilesOf("a"));
    }

    [Theory]
    [InlineData("{ fault: link, on: b/0, " + Schedule + " }", 1, 0)]
    [InlineData("{ fault: { name: link, factor: 0.001 }, on: b, when: { name: mtbf, mean_time_between: 10s, "
        + "mean_time_to_repair: 5s } }", 1, 0)]
    [InlineData("{ fault: { name: link, factor: 0.001, link: node }, on: a/1, " + Schedule + " }", 8, 0)]
    [InlineData("{ fault: link, on: b/6, " + Schedule + " }", 1, 2,
        "cluster.faults.0.on: found 'b/6', expected a pool or a replica: a, a/0 … a/1, b, b/0 … b/5")]
    [InlineData("{ fault: link, on: b/0, " + Schedule + " }", 8, 2,
        "cluster.faults.0.fault: found the network cards of b/0, over which no KV moves: whomever it could go to is on "
        + "the same node (cluster.disaggregation.network)")]
    [InlineData("{ fault: { name: link, link: node }, on: b, " + Schedule + " }", 1, 2,
        "cluster.faults.0.fault: found the links within the node of b, over which no KV moves: whomever it could go to "
        + "is on another node (cluster.disaggregation.network)")]
    public void Faults_of_links_strike_those_over_which_kv_moves(
        string fault, int gpusPerNode, int code, string message = "")
    {
        Assert.Equal(code, _cli.Run(
            "run", CommandRun.Scenario("pd-vs-mixed"), "--audit", "--quiet", "--out", _cli.In("a"),
            "--set", "requests=1500", "--set", "warmup=0s", "--set", $"cluster.faults=[{fault}]",
            "--set", "clients={ timeout: 20s, retries: { max_retries: 3 } }",
            "--set", $"cluster.disaggregation.network.gpus_per_node={gpusPerNode}"));
        Assert.Contains(message, _cli.Error);
        if (code == 0)
        {
            JsonElement faults =
                JsonDocument.Parse(_cli.Text("a", "summary.json")).RootElement.GetProperty("faults");
            Assert.True(faults.GetProperty("struck_transfers").GetInt32() > 10);
        }
    }

    [Fact]
    public void A_fault_of_links_of_a_mixed_replica_is_told()
    {
        Assert.Equal(2, _cli.Run(
            "run", CommandRun.Scenario("pd-vs-mixed"), "--quiet", "--out", _cli.In("a"),
            "--set", "cluster.pools.c={ gpu: h100-sxm, model: llama-3.1-8b, latency: roofline }",
            "--set", "cluster.faults=[{ fault: link, on: c/0, " + Schedule + " }]"));
        Assert.Contains(
            "cluster.faults.0.fault: found links of c/0, which both prefills and decodes (role mixed), so that no KV "
                + "moves over them; expected one of a, b",
            _cli.Error);
    }

    [Theory]
    [InlineData("clients={ timeout: 0s }", "clients.timeout: found 0, expected more")]
    [InlineData("clients={ patience: 0s }", "clients.patience: found 0, expected more")]
    [InlineData("clients={ retries: { max_retries: 0 } }", "clients.retries.max_retries: found 0, expected at least 1")]
    [InlineData("clients={ retries: { jitter: 2 } }",
        "clients.retries.jitter: found 2, expected a number from 0 to 1")]
    [InlineData("clients={ retries: { multiplier: 0.5 } }",
        "clients.retries.multiplier: found 0.5, expected a number from 1 to 1000")]
    [InlineData("clients={ retries: { initial_backoff: 1m } }",
        "clients.retries.max_backoff: found 30.00000000000 s, expected at least initial_backoff")]
    [InlineData("clients={ retries: { after: [] } }",
        "clients.retries.after: expected at least one cause, and each once")]
    [InlineData("clients={ retries: { after: [boredom] } }",
        "clients.retries.after.0: found 'boredom', expected one of refused, timeout, lost")]
    [InlineData("clients={ by_label: [{ label: service, value: conversation, rules: { timeout: 0s } }] }",
        "clients.by_label.0.rules.timeout: found 0, expected more")]
    [InlineData("cluster.health={ interval: 1s, timeout: 2s }",
        "cluster.health.timeout: found 2.00000000000 s, expected at most the interval")]
    [InlineData("cluster.health={ failures: 0 }", "cluster.health.failures: found 0, expected at least 1")]
    [InlineData("cluster.health={}", "cluster.health: checks replicas of which none can break; expected faults")]
    public void Mistaken_clients_and_health_checks_are_told(string setting, string message)
    {
        string quickstart = CommandRun.Scenario("quickstart");
        Assert.Equal(2, _cli.Run("run", quickstart, "--quiet", "--out", _cli.In("a"), "--set", setting));
        Assert.Contains(message, _cli.Error);
    }

    [Theory]
    [InlineData("{ name: token-bucket, rate_per_s: 30, capacity: 50 }", "token_bucket")]
    [InlineData("{ name: token-bucket, rate_per_s: 20000, capacity: 20000, cost: prompt_tokens, label: service }",
        "token_bucket")]
    [InlineData("{ name: early-rejection, ttft: 60ms }", "early_ttft")]
    [InlineData("{ name: early-rejection, tbt: 9ms, decode_load: predicted, decode_time: 4s }", "early_tbt")]
    public void An_admission_policy_refuses_for_its_reason_and_clients_ask_again(string admission, string reason)
    {
        Assert.Equal(0, _cli.Run(
            "run", CommandRun.Scenario("quickstart"), "--audit", "--quiet", "--out", _cli.In("a"),
            "--set", "requests=1500", "--set", "warmup=0s", "--set", $"cluster.admission={admission}",
            "--set", "clients={ retries: { after: [refused] } }"));
        JsonElement summary = JsonDocument.Parse(_cli.Text("a", "summary.json")).RootElement;
        Assert.True(summary.GetProperty("refused_by_reason").GetProperty(reason).GetInt32() > 0);
        Assert.True(summary.GetProperty("clients").GetProperty("retries").GetInt32() > 0);
        Assert.True(summary.GetProperty("overall").GetProperty("completed").GetInt32() > 100);
    }

    [Theory]
    [InlineData("{ name: token-bucket, rate_per_s: 0, capacity: 1 }",
        "cluster.admission.rate_per_s: found 0, expected a number from 1e-6 to 1e9")]
    [InlineData("{ name: token-bucket, rate_per_s: 1, capacity: 0 }",
        "cluster.admission.capacity: found 0, expected 1 to 1000000000000")]
    [InlineData("early-rejection", "cluster.admission: limits nothing, expected ttft, tbt or both")]
    [InlineData("{ name: early-rejection, ttft: 0s }", "cluster.admission.ttft: found 0, expected more")]
    public void A_mistaken_admission_policy_is_told(string admission, string message)
    {
        Assert.Equal(2, _cli.Run(
            "run", CommandRun.Scenario("quickstart"), "--quiet", "--out", _cli.In("a"),
            "--set", $"cluster.admission={admission}"));
        Assert.Contains(message, _cli.Error);
    }

    private int Run(string fault, string folder) => _cli.Run(
        "run", CommandRun.Scenario("quickstart"), "--audit", "--quiet", "--out", _cli.In(folder),
        "--set", "requests=1500", "--set", "warmup=0s", "--set", $"cluster.faults=[{fault}]",
        "--set", "clients={ timeout: 20s, first_token_timeout: 3s, retries: { max_retries: 3 } }");
}
