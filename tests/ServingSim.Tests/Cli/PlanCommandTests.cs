using ServingSim.Tests.Experiments.Planning;
using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary>The commands <c>goodput</c> and <c>plan</c>.</summary>
public sealed class PlanCommandTests : IDisposable
{
    private static readonly string Quickstart = CommandRun.Scenario("quickstart");
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Goodput_writes_the_same_bytes_however_many_run_at_a_time()
    {
        string[] goodput =
        [
            "goodput", Quickstart, "--set", "requests=300", "--set", "warmup=0s", "--set",
            "cluster.pools.main.replicas=1", "--target", "0.9", "--tolerance", "0.2", "--replications", "3",
        ];
        AssertSameFiles(goodput, ["goodput.csv", "goodput.png"]);
        Assert.Contains("one-sided 95 % interval over 3 replications", _cli.Output);
    }

    [Fact]
    public void Plan_writes_the_same_bytes_however_many_run_at_a_time()
    {
        string[] plan = ["plan", PlanFile(PlanSample.Gpus), "--set", "fleets=2", "--replications", "2"];
        AssertSameFiles(plan, ["plan.csv", "plan.png", "sensitivity.csv"]);
        Assert.Contains("The cheapest fleet that meets the SLO: ", _cli.Output);
        Assert.Contains("2 replications", _cli.Output);
    }

    [Fact]
    public void A_plan_that_nothing_meets_is_answered()
    {
        Assert.Equal(0, _cli.Run(
            "plan", PlanFile(PlanSample.Gpus), "--set", "budget.gpus=1", "--replications", "2", "--out",
            _cli.In("out")));
        Assert.Contains("No fleet meets the SLO", _cli.Output);
        Assert.Equal(["plan.csv", "sensitivity.csv"], _cli.FilesOf("out"));
    }

    [Theory]
    [InlineData("candidates.gpus: found none, expected at least one candidate", "candidates.gpus=[]")]
    [InlineData("candidates.gpus: found 'l40s' twice, expected it once", "candidates.gpus=[l40s, h100-sxm, l40s]")]
    [InlineData("candidates.tp: found 2 twice, expected it once", "candidates.tp=[2, 2]")]
    [InlineData(
        "candidates.knobs: found cluster.router: random twice",
        "candidates.knobs={cluster.router: [random, round-robin, random]}")]
    [InlineData("candidates.replicas.to: found 3, expected 5 to", "candidates.replicas={from: 5, to: 3}")]
    [InlineData("prices: found -1 for h100-sxm, expected more than 0", "prices.h100-sxm=-1")]
    [InlineData("prices: found no price of b200-sxm", "candidates.gpus=[b200-sxm]")]
    [InlineData("candidates.knobs: found slo.ttft_ms", "candidates.knobs={slo.ttft_ms: [1]}")]
    [InlineData(
        "candidate h100-sxm tp1 foo=1: --set cluster.pools.main.engine.foo=1: cluster.pools.main.engine: unknown key",
        "candidates={gpus: [h100-sxm], replicas: {to: 2}, knobs: {cluster.pools.main.engine.foo: [1]}}")]
    [InlineData("candidates.knobs: found cluster.pools.main.gpu", "candidates.knobs={cluster.pools.main.gpu: [l40s]}")]
    [InlineData(
        "candidates.knobs: found cluster.pools.main.parallelism.tp",
        "candidates.knobs={cluster.pools.main.parallelism.tp: [8]}")]
    [InlineData("candidates.knobs: found cluster.pools.main,", "candidates.knobs={cluster.pools.main: ['{}']}")]
    [InlineData("slo: missing", "set={slo: '{}'}")]
    [InlineData("service=x cannot be judged", "goal.by_label=[{label: service, value: x, attainment: 1}]")]
    [InlineData("goal.confidence: found 0.5", "goal.confidence=0.5")]
    [InlineData("candidates.tp: found [0]", "candidates.tp=[0]")]
    [InlineData("budget.gpus: found 0", "budget.gpus=0")]
    [InlineData("unknown key 'prizes'", "prizes=1")]
    [InlineData("replications: found 1", "replications=1")]
    [InlineData("load: found 0", "load=0")]
    [InlineData("none.yaml", "scenario=none.yaml")]
    public void What_is_wrong_with_a_plan_is_told(string message, string setting)
    {
        Assert.Equal(2, _cli.Run("plan", PlanFile(PlanSample.Gpus), "--set", setting, "--out", _cli.In("out")));
        Assert.Contains(message, _cli.Error);
        Assert.Empty(_cli.FilesOf("out"));
    }

    [Theory]
    [InlineData("--target: found '1.5', expected a number above 0 and at most 1", "--target", "1.5")]
    [InlineData("--tolerance: found 'x'", "--tolerance", "x")]
    [InlineData("slo: missing", "--set", "slo={}")]
    public void What_is_wrong_with_a_search_for_goodput_is_told(string message, params string[] arguments)
    {
        Assert.Equal(2, _cli.Run(["goodput", Quickstart, .. arguments, "--out", _cli.In("out")]));
        Assert.Contains(message, _cli.Error);
    }

    [Fact]
    public void Interrupted_commands_leave_nothing()
    {
        string plan = PlanFile(PlanSample.Gpus);
        _cli.Interrupt();
        Assert.Equal(130, _cli.Run("plan", plan, "--out", _cli.In("out")));
        Assert.Equal(130, _cli.Run("goodput", Quickstart, "--out", _cli.In("out")));
        Assert.Empty(_cli.FilesOf("out"));
    }

    private string PlanFile(string text)
    {
        _cli.File("burst.yaml", PlanSample.Scenario);
        return _cli.File("plan.yaml", text);
    }

    private void AssertSameFiles(string[] command, string[] files)
    {
        Assert.Equal(0, _cli.Run([.. command, "--jobs", "1", "--out", _cli.In("one")]));
        string table = _cli.Output.Split("results in")[0];
        Assert.Equal(0, _cli.Run([.. command, "--jobs", "4", "--out", _cli.In("four")]));
        Assert.Equal(table, _cli.Output.Split("results in")[0]);
        Assert.Equal(files, _cli.FilesOf("one"));
        Assert.All(files, name => Assert.Equal(_cli.Bytes("one", name), _cli.Bytes("four", name)));
        Assert.All(table.Split('\n'), line => Assert.True(line.Length <= 100, line));
    }
}
