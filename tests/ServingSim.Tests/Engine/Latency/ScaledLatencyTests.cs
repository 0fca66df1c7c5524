using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster;
using ServingSim.Tests.Engine.Specs;
using ServingSim.Tests.Oracle;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

public sealed class ScaledLatencyTests
{
    private static readonly Gen<int> AnyFactor = Gen.OneOf(Gen.Int[1, 3_000_000], Gen.Int[700_000, 1_400_000]);

    private static readonly RooflineLatency Roofline = new(
        new RooflineOptions(), ConfigFile.Model("llama-3.1-8b"), ConfigFile.Gpu("h100-sxm"), new Parallelism(),
        default);

    [Fact]
    public void Base_and_slope_are_scaled_apart_and_rounded_up()
    {
        ScaledLatency model = new(
            new AffineLatency(Step: 101, PrefillToken: 9, ContextToken: 3, HostStep: 50), 500_000);

        // 51 (50.5) + 2 (1.5) a context token, and half of 9, rounded up, for the token of prefill
        Assert.Equal(new StepTime(new SimTime(50), new SimTime(51 + (2 * 10))), new StepCase(1, 10, 1).TimeOf(model));
        Assert.Equal(51 + (2 * 10) + 5, new StepCase(1, 10, 2, new PrefillChunk(1, 0)).DeviceTicks(model));
        Assert.Equal(55, new StepCase(0, 0, 1, new PrefillChunk(1, 0)).DeviceTicks(model));
        Assert.Equal(
            new DecodeLine(new StepTime(new SimTime(50), new SimTime(71)), 2), model.DecodeLine(1, 10)!.Value);
    }

    [Fact]
    public void Where_a_line_ends_the_next_is_asked()
    {
        ScaledLatency model = new(new AffineLatency(Step: 1, ContextToken: 3, ContextKnee: 20), 500_000);

        Assert.Equal(19, model.DecodeLine(1, 10)!.Value.LastContextTokens);
        Assert.Equal(19, model.DecodeLine(1, 19)!.Value.LastContextTokens);
        Assert.Equal(3, model.DecodeLine(1, 20)!.Value.TicksPerContextToken);
    }

    /// <summary>Rounding adds less than a tick for each context token, and three.</summary>
    [Fact]
    public void A_step_takes_the_factor_of_its_time() =>
        Gen.Select(StepCase.Random, AnyFactor).Sample((step, factor) =>
        {
            double exact = step.DeviceTicks(Roofline) * (factor / 1e6);
            Assert.InRange(
                step.DeviceTicks(new ScaledLatency(Roofline, factor)), exact * (1 - 1e-12),
                (exact * (1 + 1e-12)) + step.Context + 3);
        });

    [Fact]
    public void A_factor_of_one_changes_nothing()
    {
        ScaledLatency model = new(Roofline, ScaledLatency.Unscaled);
        StepCase.Random.Sample(step => Assert.Equal(step.TimeOf(Roofline), step.TimeOf(model)));
        Assert.Equal(Roofline.DecodeLine(7, 7000), model.DecodeLine(7, 7000));
    }

    [Fact]
    public void Prefill_added_to_a_step_never_makes_it_shorter() =>
        Gen.Select(StepCase.Random, AnyFactor).Sample((step, factor) =>
        {
            ScaledLatency model = new(Roofline, factor);
            StepCase decodes = new(step.Decodes, step.Context, step.Decodes);
            Assert.True(decodes.DeviceTicks(model) <= step.DeviceTicks(model));
        });

    [Fact]
    public void A_model_without_lines_stays_without_one()
    {
        ScaledLatency model = new(new NoLine(), 1_500_000);

        Assert.Null(model.DecodeLine(1, 1));
        Assert.Equal(15, new StepCase(1, 1, 1).DeviceTicks(model));
    }

    /// <summary>The random models have knots, and slopes so small that rounding counts.</summary>
    [Fact]
    public void Runs_of_many_steps_equal_step_by_step() =>
        Gen.Select(OracleScenario.AnyProfile, AnyFactor).Sample(
            (scenario, factor) =>
            {
                ClusterRun steps = Run(scenario, factor, 1);
                ClusterRun runs = Run(scenario, factor, int.MaxValue);
                Assert.Equal(steps.Ended.Values.Select(TimesOf), runs.Ended.Values.Select(TimesOf));
                Assert.Equal(steps.Observer.Gaps, runs.Observer.Gaps);
            },
            iter: OracleComparisonTests.Iterations(5_000));

    private static ClusterRun Run(OracleScenario scenario, int factor, int maxRunSteps)
    {
        PoolSpec pool = ClusterRun.PoolOf(
            "main", scenario.Config, scenario.Latency, scenario.Replicas, maxRunSteps);
        return ClusterRun.Of(
            scenario.Requests.Select(request => ClusterRun.ClientOf(request, Labels.None)),
            pool with
            {
                MakeParts = () => pool.MakeParts() with { Latency = new ScaledLatency(scenario.Latency, factor) },
            },
            new RoundRobinRouter());
    }

    private static (SimTime?, SimTime?) TimesOf(EndedRequest ended) =>
        (ended.Attempt?.FirstToken, ended.Attempt?.Finished);

    private sealed class NoLine : ILatencyModel
    {
        public StepTime TimeOf(in StepShape shape) => new(SimTime.Zero, new SimTime(10));
    }
}
