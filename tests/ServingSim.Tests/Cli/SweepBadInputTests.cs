using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary>What is wrong with a sweep is told in one message, and nothing is run.</summary>
public sealed class SweepBadInputTests : IDisposable
{
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    private void Refused(string message, string text, params string[] more)
    {
        Assert.Equal(2, _cli.Run(["sweep", _cli.File("s.yaml", text), "--out", _cli.In("out"), .. more]));
        Assert.StartsWith(message, _cli.Error);
        Assert.DoesNotContain("   at ", _cli.Error);
        Assert.Empty(SweepSample.UnitFiles(_cli, "out"));
    }

    [Theory]
    [InlineData("{ name: grid, axes: {} }",
        "s.yaml:9: points.axes: the grid is empty, expected at least one path with values")]
    [InlineData("{ name: grid, axes: { seed: [] } }",
        "s.yaml:9: points.axes: seed has no values, so the grid is empty; expected at least one")]
    [InlineData("{ name: list, items: [] }", "s.yaml:9: points.items: the list is empty, expected at least one point")]
    [InlineData("{ name: lattice }",
        "s.yaml:9: points: no point set is named 'lattice'; known: grid, list, latin-hypercube")]
    [InlineData("{ name: grid, axes: { cluster.pools.main.replicaz: [1, 2] } }",
        "point 1 (replicaz=1): s.yaml:9: cluster.pools.main: unknown key 'replicaz' (did you mean 'replicas'?)")]
    [InlineData("{ name: grid, axes: { cluster.pools.main.replicas: [1, two] } }",
        "point 2 (replicas=two): s.yaml:9: cluster.pools.main.replicas: found 'two', expected a whole number")]
    [InlineData("{ name: grid, axes: { cluster.pools.main.engine.max_model_len: [1000, 500000] } }",
        "point 2 (max_model_len=500000): ")]
    [InlineData("{ name: grid, axes: { a..b: [1] } }",
        "point 1 (b=1): s.yaml:9: a..b: is no path, expected keys joined by dots")]
    [InlineData("{ name: grid, axes: { warmup: [5s] } }",
        "s.yaml:4: set: found warmup, which the points vary; expected it there or here")]
    [InlineData("{ name: list, items: [{}, { replications.until: { metric: p99_ttft_ms, relative_half_width: 1 }}]}",
        "point 2 (until={metric: p99_ttft_ms, relative_half_width: 1}): configs/scenarios/quickstart.yaml: "
        + "replications.until: the runs of a sweep are apart from one another; use count")]
    [InlineData("{ name: list, items: [{}, { replications.warmup: welch }] }",
        "point 2 (warmup=welch): configs/scenarios/quickstart.yaml: replications.warmup: the runs of a sweep are")]
    [InlineData("{ name: latin-hypercube, count: 100001, ranges: { seed: { from: 1, to: 2 } } }",
        "s.yaml:9: points.count: found 100001, expected 1 to 100000")]
    [InlineData("{ name: grid, axes: { replications.confidence: [0.5], seed: [1, 2] } }",
        "--set seed=3: the sweep varies this path; expected another", "--set", "seed=3")]
    public void What_is_wrong_with_the_points_is_told(string points, string message, params string[] more) =>
        Refused(message, SweepSample.Text(points), more);

    [Theory]
    [InlineData("figures: [mean_tfft_ms]", "point 1 (rate_per_s=20 replicas=1): tiny: figures: no figure is named "
        + "'mean_tfft_ms' (did you mean 'mean_ttft_ms'?)")]
    [InlineData("figures: []", "s.yaml:13: figures: found none, expected at least one")]
    [InlineData("axes: [seed]", "s.yaml:13: axes: found 'seed', expected paths that the points vary")]
    [InlineData("name: x", "s.yaml:13: found the key 'name' again")]
    [InlineData("foo: 1", "s.yaml:13: unknown key 'foo'; known: schema, name, scenario, points, set, figures, axes, "
        + "format")]
    public void What_is_wrong_beside_the_points_is_told(string more, string message) =>
        Refused(message.Replace(" tiny: figures", " s.yaml: figures"), SweepSample.Text(more: more));

    [Fact]
    public void Too_many_runs_are_refused()
    {
        const string Large = "{ name: grid, axes: { workload.arrivals.rate_per_s: [1, 2], seed: [1] } }";
        Refused(
            "s.yaml: points: found more than 100000 runs, expected fewer", SweepSample.Text(Large),
            "--replications", "60000");
        string values = string.Join(", ", Enumerable.Range(1, 400));
        Refused(
            "s.yaml: points: found more than 100000 points, expected fewer",
            SweepSample.Text($"{{ name: grid, axes: {{ seed: [{values}], requests: [{values}] }} }}")
                .Replace("  requests: 40\n", ""));
    }

    [Fact]
    public void A_scenario_that_fails_at_one_point_is_told_with_the_point_and_the_others_stay()
    {
        string text = SweepSample.Text("{ name: grid, axes: { warmup: [0s, 9m] } }").Replace("  warmup: 0s\n", "");
        Assert.Equal(2, _cli.Run("sweep", _cli.File("s.yaml", text), "--out", _cli.In("out"), "--jobs", "1"));
        Assert.Equal(
            "point 2 (warmup=9m): configs/scenarios/quickstart.yaml: warmup: all 40 requests arrive before it ends, "
            + "none would count\n",
            _cli.Error);
        Assert.Equal(2, SweepSample.UnitFiles(_cli, "out").Length);
    }

    [Fact]
    public void A_folder_without_a_sweep_is_told()
    {
        Assert.Equal(2, _cli.Run("sweep", "gather", _cli.In("none")));
        Assert.Equal("none: found no sweep.yaml, expected the folder of a sweep\n", _cli.Error);
        Assert.Equal(2, _cli.Run("sweep"));
        Assert.Equal(2, _cli.Run("sweep", _cli.In("none.yaml")));
        Assert.Equal("none.yaml: no such file\n", _cli.Error);
    }
}
