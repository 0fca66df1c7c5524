using ServingSim.Cluster.Faults;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster.Faults;

public sealed class FaultPlanTests
{
    private static readonly MtbfOptions Hours = new(SimTime.FromSeconds(3600), SimTime.FromSeconds(60));

    /// <summary>The means of 10,000 exponential draws have standard errors of 1 %.</summary>
    [Fact]
    public void Times_between_failures_and_until_repair_are_exponential_with_their_means()
    {
        MtbfFaults plan = Plan(1);
        SimTime since = SimTime.FromSeconds(500);
        FaultTimes[] times = [.. Enumerable.Range(0, 10_000).Select(i => plan.Next(3, i, since)!.Value)];
        double[] gaps = [.. times.Select(t => (t.At - since).TotalSeconds).Order()];
        Assert.InRange(gaps.Average(), 3500, 3700);
        Assert.InRange(gaps[5000], 0.97 * 3600 * Math.Log(2), 1.03 * 3600 * Math.Log(2));
        Assert.InRange(times.Average(t => t.Lasts!.Value.TotalSeconds), 58, 62);
    }

    [Fact]
    public void A_failure_is_drawn_for_its_replica_and_number_and_plan_alone()
    {
        FaultTimes of = Plan(1).Next(2, 5, default)!.Value;
        MtbfFaults again = Plan(1);
        again.Next(0, 0, default);
        Assert.Equal(of, again.Next(2, 5, default));
        Assert.Equal(of.Lasts, again.Next(2, 5, SimTime.FromSeconds(9))!.Value.Lasts);
        Assert.NotEqual(of, again.Next(3, 5, default));
        Assert.NotEqual(of, again.Next(2, 6, default));
        Assert.NotEqual(of, Plan(2).Next(2, 5, default));
        Assert.NotEqual(of, new MtbfFaults(Hours, new FaultPlanContext(new RandomStreams(1), "b")).Next(2, 5, default));
    }

    [Fact]
    public void What_is_never_repaired_lasts_for_ever() => Assert.Null(
        new MtbfFaults(Hours with { MeanTimeToRepair = null }, new FaultPlanContext(new RandomStreams(1), "a"))
            .Next(0, 0, default)!.Value.Lasts);

    [Fact]
    public void A_schedule_gives_its_times_in_order_and_then_none()
    {
        ScheduledFaults plan = Schedule(5, 10, 30);
        Assert.Equal(new FaultTimes(new SimTime(10), new SimTime(5)), plan.Next(7, 0, default));
        Assert.Equal(new FaultTimes(new SimTime(30), new SimTime(5)), plan.Next(7, 1, new SimTime(15)));
        Assert.Null(plan.Next(7, 2, default));
    }

    [Theory]
    [InlineData(5, 0, false)]
    [InlineData(19, 0, false)]
    [InlineData(20, 0, true)]
    [InlineData(5, 15, true)]
    [InlineData(5, 14, false)]
    [InlineData(null, 0, true)]
    public void Scheduled_faults_that_overlap_are_told(int? lasts, int notice, bool overlap) =>
        Assert.Equal(overlap, Schedule(lasts, 10, 30).Overlap(new SimTime(notice)) is not null);

    private static MtbfFaults Plan(long seed) => new(Hours, new FaultPlanContext(new RandomStreams(seed), "a"));

    private static ScheduledFaults Schedule(int? lasts, params long[] at) => new(new ScheduledFaultsOptions(
        [.. at.Select(t => new SimTime(t))], lasts is { } l ? new SimTime(l) : null));
}
