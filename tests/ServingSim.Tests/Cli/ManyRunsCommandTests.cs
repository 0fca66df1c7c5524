using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary>The commands that make several runs.</summary>
public sealed class ManyRunsCommandTests : IDisposable
{
    private static readonly string Quickstart = CommandRun.Scenario("quickstart");
    private static readonly string[] Short = ["--set", "requests=300", "--set", "warmup=0s"];
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Run_with_replications_writes_each_and_their_estimates()
    {
        Assert.Equal(0, _cli.Run(["run", Quickstart, .. Short, "--replications", "3", "--out", _cli.In("many")]));
        Assert.Equal(
            ["estimates.csv", "replications.csv", "requests.csv", "run.yaml", "summary.json", "timeseries.csv"],
            _cli.FilesOf("many"));
        string[] rows = _cli.Text("many", "replications.csv").TrimEnd().Split('\n');
        Assert.StartsWith("replication,seed,events,", rows[0]);
        Assert.Equal(["0,1", "1,2", "2,3"], rows[1..].Select(r => string.Join(',', r.Split(',')[..2])));
        Assert.Contains("mean_ttft_ms,3,", _cli.Text("many", "estimates.csv"));
        Assert.Contains("3 replications; ± is half a 95 % interval", _cli.Output);

        // Replication 0 is the run itself; a later run without replications leaves none of their files
        byte[] summary = _cli.Bytes("many", "summary.json");
        Assert.Equal(0, _cli.Run(["run", Quickstart, .. Short, "--out", _cli.In("many")]));
        Assert.Equal(["requests.csv", "run.yaml", "summary.json", "timeseries.csv"], _cli.FilesOf("many"));
        Assert.Equal(summary, _cli.Bytes("many", "summary.json"));
    }

    [Fact]
    public void Compare_writes_the_same_bytes_however_many_run_at_a_time()
    {
        string[] compare =
        [
            "compare", Quickstart, .. Short, "--vary", "cluster.router=least-outstanding,random",
            "--vary", "cluster.pools.main.replicas=1,2",
        ];
        Assert.Equal(0, _cli.Run([.. compare, "--jobs", "1", "--out", _cli.In("one")]));
        string table = _cli.Output.Split("results in")[0];
        Assert.Equal(0, _cli.Run([.. compare, "--jobs", "3", "--out", _cli.In("three")]));
        Assert.Equal(table, _cli.Output.Split("results in")[0]);
        Assert.Equal(["comparison.csv", "comparison.png"], _cli.FilesOf("one"));
        Assert.All(_cli.FilesOf("one"), name => Assert.Equal(_cli.Bytes("one", name), _cli.Bytes("three", name)));
        Assert.Contains("5 replications with the same seeds", table);
        Assert.Contains("router=random replicas=2", table);
        Assert.All(table.Split('\n'), line => Assert.True(line.Length <= 100, line));
    }

    [Theory]
    [InlineData("expected another or --vary path=a,b to compare it with")]
    [InlineData(
        "--figure foo: no figure is named 'foo'", "--vary", "cluster.router=random,round-robin", "--figure", "foo")]
    [InlineData("--vary cluster.router: expected path=value,value,...", "--vary", "cluster.router")]
    [InlineData("no router is named 'no'", "--vary", "cluster.router=random,no")]
    [InlineData("--replications: found '0', expected a whole number of at least 1", "--replications", "0")]
    [InlineData("--jobs: found 'x', expected a whole number of at least 1", "--jobs", "x")]
    public void What_is_wrong_with_a_comparison_is_told(string message, params string[] arguments)
    {
        Assert.Equal(2, _cli.Run(["compare", Quickstart, .. Short, .. arguments, "--out", _cli.In("out")]));
        Assert.Contains(message, _cli.Error);
        Assert.Empty(_cli.FilesOf("out"));
    }

    [Fact]
    public void An_interrupted_comparison_leaves_nothing()
    {
        _cli.Interrupt();
        Assert.Equal(130, _cli.Run(
            ["compare", Quickstart, .. Short, "--vary", "cluster.router=random,round-robin", "--out", _cli.In("out")]));
        Assert.Empty(_cli.FilesOf("out"));
    }
}
