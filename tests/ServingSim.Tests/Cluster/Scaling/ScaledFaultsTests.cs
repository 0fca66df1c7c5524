using ServingSim.Cluster;
using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Scaling;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster.Faults;
using Xunit;

namespace ServingSim.Tests.Cluster.Scaling;

/// <summary>Faults where replicas come and go. Steps take 10 ticks, a cold start takes 10.</summary>
public sealed class ScaledFaultsTests
{
    private const long End = 300;

    /// <summary>
    /// One replica, a second from 100 on, never a third: at 65 one is there, at 105 the second is starting and at 120
    /// it serves. Its first fault is that of 105.
    /// </summary>
    [Fact]
    public void A_fault_strikes_only_replicas_that_are_there()
    {
        ScheduledFaults plan = new(new ScheduledFaultsOptions(
            [new SimTime(65), new SimTime(105), new SimTime(120)], new SimTime(5)));
        FaultSpec crash = FaultTests.Crash(0, null) with { Plan = plan, Replica = null };
        ClusterRun run = Run(1, [(100, 2)], [crash], (70, 1), (130, 1), (130, 1));
        Assert.Equal(
            ["main/0 65-70", "main/0 105-110", "main/1 105-110", "main/0 120-125", "main/1 120-125"],
            run.Cluster.Faults.OrderBy(f => f.At).ThenBy(f => f.Replica, StringComparer.Ordinal)
                .Select(f => $"{f.Replica} {f.At.Ticks}-{f.EndedAt?.Ticks}"));
        Assert.Equal(["main/0", "main/0", "main/1"], run.Ended.Values.Select(e => e.Replica!.Name));
    }

    /// <summary>
    /// The second is told at 120 that it goes at 150, and is stopped at 130: nothing is taken then. Started again at
    /// 200 it serves from 210 on.
    /// </summary>
    [Fact]
    public void What_was_announced_of_a_replica_that_is_stopped_by_then_does_not_happen()
    {
        ClusterRun run = Run(2, [(130, 1), (200, 2)], [Spot(120, 30, 1000)], (220, 1), (220, 1));
        FaultStrike strike = Assert.Single(run.Cluster.Faults);
        Assert.Equal((120, 150, 0), (strike.At.Ticks, strike.EndedAt!.Value.Ticks, strike.LostAttempts));
        Assert.Equal(["main/0", "main/1"], run.Ended.Values.Select(e => e.Replica!.Name));
        Assert.Equal(End + 130 + 100, (long)run.Cluster.Pools[0].PaidTicks(new SimTime(End)));
    }

    /// <summary>Known at 35, gone at 65, replaced at 105.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_machine_that_was_taken_is_not_paid_for_until_another_is_there(bool scales)
    {
        Pool pool = Run(2, scales ? [(10, 2)] : [], [Spot(35, 30, 40)]).Cluster.Pools[0];
        Assert.Equal((2 * End) - 40, (long)pool.PaidTicks(new SimTime(End)));
        Assert.Equal((2 * End) - 40, (long)pool.ServingTicks(new SimTime(End)));
    }

    /// <summary>Gone at 100 twice over, to 150 and to 180; not wanted from 160 to 170, starting until 180.</summary>
    [Fact]
    public void What_is_stopped_and_taken_is_left_out_once()
    {
        Pool pool = Run(2, [(160, 1), (170, 2)], [Spot(100, 0, 50), Spot(100, 0, 80)]).Cluster.Pools[0];
        Assert.Equal(End + 100 + 120, (long)pool.PaidTicks(new SimTime(End)));
        Assert.Equal(End + 100 + 120, (long)pool.ServingTicks(new SimTime(End)));
    }

    /// <summary>Of main/1.</summary>
    private static FaultSpec Spot(long at, long notice, long lasts) => FaultTests.Fault(
        "spot-eviction", new SpotEviction(new SpotEvictionOptions(new SimTime(notice))), at, lasts) with
    { Replica = 1 };

    private static ClusterRun Run(
        int initial, (long At, int Replicas)[] counts, FaultSpec[] faults, params (long At, int Output)[] requests)
    {
        PoolSpec pool = new("main", PoolRole.Mixed, initial, () => A.Parts(A.Config(), new AffineLatency(10)));
        if (counts.Length > 0)
        {
            ScheduledReplicas schedule = new(new ScheduledReplicasOptions(
                [.. counts.Select(c => new ScheduledCount(new SimTime(c.At), c.Replicas))]));
            pool = pool with { Scaling = new ScalingSpec(schedule, 1, 3, new SimTime(10)) };
        }

        return ClusterRun.Of(
            requests.Select((r, id) => new ClientRequest(
                id, new SimTime(r.At), PromptContent.OwnOf(id, 1), OutputLength.Of(r.Output), Labels.None)),
            new ClusterSpec([pool], () => new LeastOutstandingRouter()) { Faults = faults },
            end: new SimTime(End));
    }
}
