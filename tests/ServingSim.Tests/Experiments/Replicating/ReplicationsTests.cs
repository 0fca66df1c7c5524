using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Replicating;

public sealed class ReplicationsTests
{
    private static readonly ParallelRuns Parallel = new(4, default);

    [Fact]
    public void A_replication_is_the_run_with_its_seed()
    {
        ReplicatedRun run = Run(Sample.ExponentialService(0.5, 200, "seed=7", "replications.count=3"));
        Assert.Equal(3, run.Runs.Count);
        for (int i = 0; i < 3; i++)
        {
            LoadedScenario alone = Sample.ExponentialService(0.5, 200, $"seed={7 + i}");
            RunFigures figures = RunFigures.Of(ScenarioRunner.Run(alone, new RunOptions(null)).Summary);
            Assert.Equal(figures.Names, run.Runs[i].Names);
            Assert.Equal(figures.Names.Select(n => figures[n]), figures.Names.Select(n => run.Runs[i][n]));
        }

        Assert.Equal(3, run.Runs.Select(r => r["mean_ttft_ms"]).Distinct().Count());
    }

    [Fact]
    public void How_many_run_at_a_time_changes_nothing()
    {
        LoadedScenario scenario = Sample.ExponentialService(
            0.7, 200, "replications.count=9", "replications.warmup=mser5");
        ReplicatedRun one = Run(scenario, new ParallelRuns(1, default));
        ReplicatedRun many = Run(scenario, Parallel);
        Assert.Equal(one.Names.Select(n => one.Of(n)), many.Names.Select(n => many.Of(n)));
        Assert.Equal(one.Notes, many.Notes);
    }

    [Fact]
    public void Replications_go_on_until_the_half_width_is_small_enough()
    {
        string[] until =
        [
            "replications={count: 3, until: {metric: mean_ttft_ms, relative_half_width: 0.05, max_count: 200}}",
        ];
        ReplicatedRun run = Run(Sample.ExponentialService(0.5, 300, until));
        Estimate estimate = run.Of("mean_ttft_ms")!.Value;
        Assert.InRange(run.Runs.Count, 4, 200);
        Assert.True(estimate.HalfWidth <= 0.05 * estimate.Mean);
        Assert.Empty(run.Notes);
    }

    [Fact]
    public void Too_few_replications_for_the_half_width_are_told()
    {
        ReplicatedRun run = Run(Sample.ExponentialService(
            0.5,
            100,
            "replications={count: 2, until: {metric: p99_ttft_ms, relative_half_width: 1e-6, max_count: 6}}"));
        Assert.Equal(6, run.Runs.Count);
        Assert.StartsWith("after 6 replications the half-width of p99_ttft_ms is ", Assert.Single(run.Notes));
    }

    [Fact]
    public void A_detected_warm_up_is_left_out_and_told()
    {
        ReplicatedRun run = Run(Sample.ExponentialService(
            0.8, 5000, "outputs.timeseries_interval=1s", "replications={count: 5, warmup: mser5}"));
        Assert.EndsWith(" s, by MSER-5 from 5 pilot runs", Assert.Single(run.Notes));
        Assert.Equal(run.Scenario.Scenario.Warmup.TotalSeconds > 0, run.Runs[0]["warmup.arrived"] > 0);
    }

    [Fact]
    public void A_queue_that_grows_is_told_and_a_stable_one_is_not()
    {
        Assert.Contains("the queue grows", Assert.Single(Run(Sample.ConstantService(1.2, 5000)).Notes));
        Assert.Empty(Run(Sample.ConstantService(0.8, 5000)).Notes);
        Assert.Empty(Run(Sample.ExponentialService(0.9, 20_000, "replications.count=5")).Notes);
    }

    [Fact]
    public void The_error_of_the_lowest_number_is_thrown()
    {
        Assert.Equal("3", Assert.Throws<InvalidOperationException>(() => Parallel.Map<int>(
            100, i => i is 3 or 50 or 80 ? throw new InvalidOperationException($"{i}") : i)).Message);
        Assert.Equal(Enumerable.Range(0, 100), Parallel.Map(100, i => i));
    }

    [Fact]
    public void An_unknown_figure_is_told_with_those_there_are()
    {
        ScenarioException thrown = Assert.Throws<ScenarioException>(() => Run(Sample.ConstantService(
            0.5, 10, "replications={count: 2, until: {metric: p99_tft_ms, relative_half_width: 0.1}}")));
        Assert.Contains(
            "replications.until.metric: no figure is named 'p99_tft_ms' (did you mean 'p99_ttft_ms'?)",
            thrown.Message);
    }

    private static ReplicatedRun Run(LoadedScenario scenario, ParallelRuns? parallel = null) =>
        Replications.Run(WarmScenario.Of(scenario, parallel ?? Parallel), parallel ?? Parallel);
}
