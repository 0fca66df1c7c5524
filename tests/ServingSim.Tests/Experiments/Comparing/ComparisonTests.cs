using ServingSim.Experiments.Comparing;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Tests.Experiments.Replicating;
using Xunit;

namespace ServingSim.Tests.Experiments.Comparing;

public sealed class ComparisonTests
{
    private static readonly ParallelRuns Parallel = new(4, default);

    [Fact]
    public void Equal_scenarios_do_not_differ_at_all()
    {
        LoadedScenario scenario = Sample.ExponentialService(0.6, 300, "replications.count=4");
        Comparison comparison = Comparison.Run([("a", scenario), ("b", scenario)], [], Parallel);
        Assert.NotEmpty(comparison.Figures);
        Assert.All(comparison.Figures, figure =>
        {
            Assert.Null(comparison.Difference(comparison.Baseline, figure));
            Estimate difference = comparison.Difference(comparison.Variants[1], figure)!.Value;
            Assert.Equal((0.0, 0.0, false), (difference.Mean, difference.HalfWidth, difference.IsBeyondNoise));
        });
    }

    /// <summary>The differences vary less than the runs: the same requests arrive.</summary>
    [Fact]
    public void Differences_are_taken_pair_by_pair()
    {
        LoadedScenario one = Sample.ExponentialService(0.6, 300, "replications.count=6");
        LoadedScenario two = Sample.ExponentialService(
            0.6, 300, "replications.count=6", "cluster.pools.main.replicas=2");
        Comparison comparison = Comparison.Run([("one", one), ("two", two)], ["mean_ttft_ms"], Parallel);
        Assert.Equal(["mean_ttft_ms"], comparison.Figures);
        (ReplicatedRun first, ReplicatedRun second) = (comparison.Variants[0].Run, comparison.Variants[1].Run);
        Estimate difference = comparison.Difference(comparison.Variants[1], "mean_ttft_ms")!.Value;
        Assert.Equal(
            Estimate.Of(
                Enumerable.Range(0, 6).Select(i => second.Runs[i]["mean_ttft_ms"] - first.Runs[i]["mean_ttft_ms"]),
                0.95),
            difference);
        Assert.True(difference is { IsBeyondNoise: true, Mean: < 0 });
        Assert.Equal(
            first.Runs.Select(r => r["total_input_tokens"]), second.Runs.Select(r => r["total_input_tokens"]));
    }

    [Theory]
    [InlineData("replications.count=3", "replications.count: found 3, but 'a' has 4")]
    [InlineData("seed=2", "seed: found 2, but 'a' has 1")]
    [InlineData(
        "replications={count: 4, until: {metric: mean_ttft_ms, relative_half_width: 0.1}}",
        "replications.until: found in 'b'")]
    public void What_cannot_be_paired_is_told(string setting, string message)
    {
        LoadedScenario a = Sample.ConstantService(0.5, 10, "replications.count=4");
        LoadedScenario b = Sample.ConstantService(0.5, 10, "replications.count=4", setting);
        Assert.Contains(message, Assert.Throws<ScenarioException>(
            () => Comparison.Run([("a", a), ("b", b)], [], Parallel)).Message);
    }

    [Fact]
    public void Values_are_parted_at_commas_outside_of_brackets_and_quotes()
    {
        Assert.Equal(
            ["[1, 2]", "{a: 1, b: 2}", "'x,y'", "z"],
            Variation.Parse("p.q = [1, 2], {a: 1, b: 2}, 'x,y', z").Values);
        Assert.Equal("p.q", Variation.Parse("p.q =1").Path);
        Assert.All(
            ["", "p", "p=", "=1", "p=1,,2", "p=1,"],
            text => Assert.StartsWith(
                $"--vary {text}: expected path=value",
                Assert.Throws<ScenarioException>(() => Variation.Parse(text)).Message));
    }

    [Fact]
    public void Settings_are_called_by_their_last_keys_where_those_tell_them_apart()
    {
        Assert.Equal("router=random replicas=2", Variation.NameOf(["cluster.router=random", "a.b.replicas=2"]));
        Assert.Equal("a.x=1 b.x=2", Variation.NameOf(["a.x=1", "b.x=2"]));
        Assert.Equal("p.x=1 q.x=2 y=3", Variation.NameOf(["a.p.x=1", "a.q.x=2", "a.y=3"]));
        Assert.Equal("x=1 a.x=2 bx=3", Variation.NameOf(["x=1", "a.x=2", "bx=3"]));
    }

    [Fact]
    public void Several_variations_make_all_combinations() => Assert.Equal(
        [["a=1", "b=x"], ["a=1", "b=y"], ["a=2", "b=x"], ["a=2", "b=y"]],
        Variation.Grid([new Variation("a", ["1", "2"]), new Variation("b", ["x", "y"])]));
}
