using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Scenarios;
using ServingSim.Tests.Experiments.Replicating;
using Xunit;

namespace ServingSim.Tests.Experiments.Planning;

public sealed class FleetBoundsTests
{
    /// <summary>A replica does one prompt of one token at a time, in 100 ms; a request has no decodes.</summary>
    private static readonly WorkloadProfile OneToken = new(28, 10, 1, 1, 1, 1, 0);

    /// <summary>
    /// 280 requests in 10 s, and 3 s in which the last are still within their limit: 28 · 10 / 13 a second, of which a
    /// replica does 10. Of a run that is cut at 10 s, those of the last 3 s are not needed: 28 · 0.7. If 90 % have to
    /// be within, the others may be three times as much work: 28 · 10 / 13 · 0.7.
    /// </summary>
    [Theory]
    [InlineData("requests=280", 1, 3)]
    [InlineData("stop=cut", 1, 2)]
    [InlineData("requests=280", 0.9, 2)]
    public void The_least_number_of_replicas_has_the_time_for_the_work(string setting, double target, int least)
    {
        FleetBounds bounds = Of(target, "slo.ttft_ms=3000", "duration=10s", setting);
        Assert.Equal((10, least, null), (bounds.RequestsPerS, bounds.Least, bounds.Problem));
    }

    [Fact]
    public void Without_a_limit_of_the_wait_any_number_may_do() =>
        Assert.Equal(1, Of(1, "slo.tpot_ms=200").Least);

    [Fact]
    public void The_estimate_lets_too_few_wait_to_matter()
    {
        // Waits of M/G/c with c replicas and no variation of the service: a check of the arguments, not of the formula
        FleetBounds bounds = Of(0.99, "slo.ttft_ms=250");
        double late = ManyServers.ChanceToWait(28, 10, bounds.Estimate!.Value, 0, 0.15);
        double lateBefore = ManyServers.ChanceToWait(28, 10, bounds.Estimate.Value - 1, 0, 0.15);
        Assert.True(late <= 0.01 && lateBefore > 0.01, $"{bounds.Estimate}: {late}, {lateBefore}");
    }

    [Fact]
    public void A_limit_below_one_step_is_a_problem_only_where_there_are_decodes()
    {
        Assert.Null(Of(1, "slo.tpot_ms=99").Problem);
        LoadedScenario scenario = Sample.ConstantService(0.5, 10, "slo.tpot_ms=99");
        FleetBounds bounds = FleetBounds.Of(
            scenario.Scenario.Cluster.Pools["main"], OneToken with { OutputTokens = 5 }, scenario.Scenario, 0.99);
        Assert.Equal("a step of one decode alone takes 100.0 ms, but tpot_ms is 99", bounds.Problem);
    }

    private static FleetBounds Of(double target, params string[] settings)
    {
        LoadedScenario scenario = Sample.ConstantService(0.5, 280, settings);
        return FleetBounds.Of(scenario.Scenario.Cluster.Pools["main"], OneToken, scenario.Scenario, target);
    }
}
