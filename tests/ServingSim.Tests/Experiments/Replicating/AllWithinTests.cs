using ServingSim.Experiments.Replicating;
using ServingSim.Report;
using Xunit;

namespace ServingSim.Tests.Experiments.Replicating;

public sealed class AllWithinTests
{
    /// <summary>The rule of three: 3 / n misses are not excluded at 95 %.</summary>
    [Fact]
    public void So_many_requests_without_a_miss_show_so_much()
    {
        Assert.Equal(0.05, AllWithin.LowOf(1, 0.95), 1e-12);
        Assert.Equal(1 - (2.9957 / 1000), AllWithin.LowOf(1000, 0.95), 1e-5);
    }

    [Fact]
    public void An_interval_without_width_is_told_and_one_with_is_not()
    {
        ReplicatedRun run = Run("slo.ttft_ms=1e6");
        Assert.Equal(0, run.Of("attainment")!.Value.HalfWidth);
        Assert.Contains("all 300 requests of the replications are within the SLO", EstimatesTable.Text(run));
        Assert.DoesNotContain("no width", EstimatesTable.Text(Run("slo.ttft_ms=150")));
        Assert.DoesNotContain("no width", EstimatesTable.Text(Run()));
    }

    private static ReplicatedRun Run(params string[] settings) => Replications.Run(
        new WarmScenario(Sample.ConstantService(0.5, 100, ["replications.count=3", .. settings]), []),
        new ParallelRuns(2, default));
}
