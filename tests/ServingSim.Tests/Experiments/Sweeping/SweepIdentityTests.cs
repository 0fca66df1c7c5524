using ServingSim.Experiments;
using ServingSim.Experiments.Sweeping;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Sweeping;

/// <summary>What decides a result is in the unit's name, and nothing else.</summary>
public sealed class SweepIdentityTests : IDisposable
{
    private const string Trace = "arrival_s,prompt_tokens,output_tokens\n0,10,5\n1,20,5\n";
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    private string[] Units(string text, params string[] settings) => UnitsOf("1", text, settings);

    private string[] UnitsOf(string version, string text, params string[] settings) =>
    [
        .. Sweep.Read(_cli.File("s.yaml", text), settings, Catalog.Default, version).Plan.Units.Select(u => u.Id),
    ];

    private static string Text(string name = "x", string points = "{ name: list, items: [{}] }") =>
        $"{{ schema: 1, name: {name}, scenario: \"{CommandRun.Scenario("quickstart")}\", points: {points} }}";

    [Fact]
    public void What_decides_a_result_is_in_the_name_of_its_unit()
    {
        string[] units = Units(Text());
        Assert.Single(units);
        Assert.Equal(64, units[0].Length);
        Assert.NotEqual(units, Units(Text(), "seed=2"));
        Assert.NotEqual(units, Units(Text(), "cluster.pools.main.replicas=3"));
        Assert.NotEqual(units, UnitsOf("2", Text()));
    }

    [Fact]
    public void What_decides_nothing_is_not()
    {
        string[] units = Units(Text());
        Assert.Equal(units, Units(Text("other")));
        Assert.Equal(units, Units(Text(), "name=other"));

        // A default that is written, and the first of several replications, whose second has the next seed
        Assert.Equal(units, Units(Text(), "cluster.router=least-outstanding"));
        string[] two = Units(Text(), "replications.count=2");
        Assert.Equal([units[0], .. Units(Text(), "seed=2")], two);
    }

    [Fact]
    public void Points_that_say_the_same_are_run_once() => Assert.Equal(
        2, Units(Text(points: "{ name: grid, axes: { workload.arrivals.rate_per_s: [4, 4.0, 5] } }")).Length);

    [Fact]
    public void Of_a_trace_the_content_counts_and_not_the_place()
    {
        string[] Replay(string file) => Units(
            Text(), $"workload={{source: {{name: plain-trace, path: {file}}}}}", "duration=~", "warmup=0s",
            "report_by=[]");
        string[] units = Replay(_cli.File("a.csv", Trace));
        Assert.Equal(units, Replay(_cli.File("b.csv", Trace)));
        Assert.NotEqual(units, Replay(_cli.File("a.csv", Trace + "2,30,5\n")));
    }

    [Fact]
    public void Of_a_named_file_the_content_counts()
    {
        string gpu = File.ReadAllText(Path.Combine(SharedData.Root, "configs", "gpus", "h100-sxm.yaml"));
        string[] Of(string text) => Units(Text(), $"cluster.pools.main.gpu={_cli.File("gpu.yaml", text)}");
        Assert.Equal(Units(Text()), Of(gpu));
        Assert.NotEqual(Units(Text()), Of(gpu.Replace("memory_gib: 80", "memory_gib: 79")));
    }
}
