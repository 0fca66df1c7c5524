using ServingSim.Cluster;
using ServingSim.Cluster.Clients;
using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster.Routing;
using Xunit;

namespace ServingSim.Tests.Cluster.Faults;

/// <summary>
/// Steps of 10 ticks: a request that is served at once has its first token 10 after it arrived and its n-th at 10 n.
/// Prompts have 16 tokens. Two replicas, of which faults strike main/0.
/// </summary>
public sealed class FaultTests
{
    private static readonly ClientRules Again = new(
        Retries: new RetryOptions(new SimTime(5), new SimTime(5), [FailureCause.Lost], 3, 1, Jitter: 0));

    private static readonly HealthOptions Health = new(new SimTime(100), new SimTime(10), Failures: 2, Successes: 2);

    /// <summary>
    /// It breaks at 35 with three tokens out and the fourth being computed, and is away until 55: the request of 40
    /// goes to the other, that of 60 comes back to it.
    /// </summary>
    [Fact]
    public void A_replica_that_crashes_loses_its_requests_and_has_none_until_it_starts_again()
    {
        ClusterRun run = Run(Spec(Crash(35, 20)), (9, 0), (9, 0), (1, 40), (1, 60));
        Assert.Equal(
            [
                (ClientOutcome.Lost, "crash", "main/0", 3, 35), (ClientOutcome.Completed, null, "main/1", 9, 90),
                (ClientOutcome.Completed, null, "main/1", 1, 50), (ClientOutcome.Completed, null, "main/0", 1, 70),
            ],
            Ends(run));
        FaultStrike strike = Assert.Single(run.Cluster.Faults);
        Assert.Equal(
            ("crash", "main/0", 35, 35, 55, 1, 19),
            (strike.Fault, strike.Replica, strike.At.Ticks, strike.NoticedAt!.Value.Ticks,
                strike.EndedAt!.Value.Ticks, strike.LostAttempts, strike.LostTokens));
        Assert.All(run.Cluster.Replicas, replica => Assert.Equal(0, replica.State.Kv.UsedBlocks));
    }

    /// <summary>Lost at 35, sent to the other at 40, where it begins anew when the step of 40 ends.</summary>
    [Fact]
    public void A_lost_request_is_tried_again_elsewhere_and_computed_again()
    {
        ClusterRun run = Run(Spec(Crash(35, 20)) with { Clients = new ClientsSpec(Again, []) }, (9, 0), (9, 0));
        EndedRequest ended = run.Ended[0];
        Assert.Equal(
            (ClientOutcome.Completed, "main/1", 2, 9, 130),
            (ended.Outcome, ended.Replica!.Name, ended.Attempts, ended.OutputTokens, run.EndedAt[0].Ticks));
        AttemptCounts counts = run.Cluster.Attempts;
        Assert.Equal(
            (3, 1, 19, 3, 19),
            (counts.Begun, counts.Lost, counts.WastedTokens, counts.WastedOutputTokens, counts.RecomputedTokens));
    }

    [Fact]
    public void What_was_cached_is_gone_after_a_crash_and_only_there()
    {
        ClusterRun run = ClusterRun.Of(
            new[] { 0, 0, 100, 100 }.Select((at, id) =>
                Views.Request(id, null, new TokenSegment(TokenStream.Shared(1), 64), new(TokenStream.OwnOf(id), 5)) with
                {
                    Arrival = new SimTime(at),
                }),
            Spec(Crash(35, 20)));
        Assert.Equal([0, 0, 0, 64], run.Ended.Values.Select(e => e.Attempt!.CachedTokens!.Value));
    }

    /// <summary>
    /// Broken from 150, before the step that ends then, to 450. The checks of 200 and 300 fail: until then requests are
    /// sent there, and fail at once. Those of 500 and 600 succeed: from then on it is used again.
    /// </summary>
    [Fact]
    public void Until_health_checks_find_out_requests_are_sent_to_a_broken_replica()
    {
        ClusterRun run = Run(
            Spec(Crash(150, 300)) with { Health = Health },
            (9, 100), (1, 160), (1, 290), (1, 310), (1, 320), (1, 460), (1, 590), (1, 610));
        Assert.Equal(
            [
                (ClientOutcome.Lost, "crash", "main/0", 4, 150), (ClientOutcome.Lost, "unreachable", "main/0", 0, 160),
                (ClientOutcome.Lost, "unreachable", "main/0", 0, 290),
                (ClientOutcome.Completed, null, "main/1", 1, 320), (ClientOutcome.Completed, null, "main/1", 1, 330),
                (ClientOutcome.Completed, null, "main/1", 1, 470), (ClientOutcome.Completed, null, "main/1", 1, 600),
                (ClientOutcome.Completed, null, "main/0", 1, 620),
            ],
            Ends(run));
        FaultStrike strike = Assert.Single(run.Cluster.Faults);
        Assert.Equal((300, 3), (strike.NoticedAt!.Value.Ticks, strike.LostAttempts));
    }

    /// <summary>
    /// As above, but nobody answers: the check of 300 fails at 310, and so do all that hang by then, but the one whose
    /// client has given up. One that was on its way then fails when it arrives.
    /// </summary>
    [Fact]
    public void Requests_to_a_machine_that_is_gone_hang_until_health_checks_find_out()
    {
        ClusterSpec spec = Spec(Crash(150, 300, BrokenConnections.Hang)) with
        {
            Health = Health,
            Clients = new ClientsSpec(
                new(), [new LabelledClients("session", "hasty", new ClientRules(Timeout: new SimTime(50)))]),
        };
        ClusterRun run = ClusterRun.Of(
            new[] { (9, 100), (1, 110), (1, 160), (1, 300), (1, 305), (1, 320) }.Select((r, id) =>
                Request(id, r.Item1, r.Item2, session: id == 2 ? "hasty" : null)),
            spec with
            {
                Pools = [spec.Pools[0] with { FrontEndTime = new SimTime(7) }],
                MakeRouter = () => new RoundRobinRouter(),
            });
        Assert.Equal(
            [
                (ClientOutcome.Lost, "crash", "main/0", 4, 310), (ClientOutcome.Completed, null, "main/1", 1, 127),
                (ClientOutcome.Aborted, "timeout", "main/0", 0, 210),
                (ClientOutcome.Completed, null, "main/1", 1, 317),
                (ClientOutcome.Lost, "unreachable", "main/0", 0, 312),
                (ClientOutcome.Completed, null, "main/1", 1, 337),
            ],
            Ends(run));
        Assert.Equal(2, run.Cluster.Faults.Single().LostAttempts);
    }

    /// <summary>It starts again before any check has failed twice: what hung fails then.</summary>
    [Fact]
    public void Requests_that_hang_fail_when_their_replica_starts_again()
    {
        ClusterSpec spec = Spec(Crash(150, 60, BrokenConnections.Hang)) with { Health = Health };
        ClusterRun run = Run(spec, (9, 100), (1, 160), (1, 161), (1, 220));
        Assert.Equal(
            [
                (ClientOutcome.Lost, "crash", "main/0", 4, 210), (ClientOutcome.Completed, null, "main/1", 1, 170),
                (ClientOutcome.Lost, "unreachable", "main/0", 0, 210),
                (ClientOutcome.Completed, null, "main/0", 1, 230),
            ],
            Ends(run));
        Assert.Null(run.Cluster.Faults.Single().NoticedAt);
    }

    /// <summary>Twice as slow from 35 to 75: the steps that begin at 40 and 60 last 20.</summary>
    [Fact]
    public void A_slow_gpu_takes_longer_for_the_steps_that_begin_while_it_is_slow()
    {
        FaultSpec slow = Fault("slow-gpu", new SlowGpu(new SlowGpuOptions(2)), 35, 40);
        Assert.Equal(110, Run(Spec(slow), (9, 0)).EndedAt[0].Ticks);
        FaultSpec slower = Fault("slow-gpu", new SlowGpu(new SlowGpuOptions(3)), 45, 10);
        Assert.Equal(110, Run(Spec(slow, slower), (9, 0)).EndedAt[0].Ticks);
        FaultSpec slowest = Fault("slow-gpu", new SlowGpu(new SlowGpuOptions(3)), 45, 20);
        Assert.Equal(120, Run(Spec(slow, slowest), (9, 0)).EndedAt[0].Ticks);
    }

    /// <summary>
    /// Known at 35, gone at 65, replaced at 105. What ends by then ends well; nothing more is sent there.
    /// </summary>
    [Fact]
    public void A_machine_that_is_taken_away_finishes_what_it_can_by_then()
    {
        FaultSpec spot = Fault("spot-eviction", new SpotEviction(new SpotEvictionOptions(new SimTime(30))), 35, 40);
        ClusterRun run = Run(Spec(spot), (6, 0), (1, 0), (9, 1), (1, 40), (1, 70), (1, 104), (1, 120));
        Assert.Equal(
            [
                (ClientOutcome.Completed, null, "main/0", 6, 60), (ClientOutcome.Completed, null, "main/1", 1, 10),
                (ClientOutcome.Lost, "crash", "main/0", 5, 65), (ClientOutcome.Completed, null, "main/1", 1, 50),
                (ClientOutcome.Completed, null, "main/1", 1, 80), (ClientOutcome.Completed, null, "main/1", 1, 114),
                (ClientOutcome.Completed, null, "main/0", 1, 130),
            ],
            Ends(run));
        FaultStrike strike = Assert.Single(run.Cluster.Faults);
        Assert.Equal(
            (35, 35, 105, 1),
            (strike.At.Ticks, strike.NoticedAt!.Value.Ticks, strike.EndedAt!.Value.Ticks, strike.LostAttempts));
    }

    [Fact]
    public void A_replica_that_breaks_twice_works_when_both_are_repaired()
    {
        ClusterRun run = Run(Spec(Crash(35, 20), Crash(45, 20)), (1, 57), (1, 66));
        Assert.Equal(["main/1", "main/0"], run.Ended.Values.Select(e => e.Replica!.Name));
        Assert.Equal(2, run.Cluster.Faults.Count);
    }

    [Fact]
    public void A_replica_that_is_never_repaired_stays_away()
    {
        ClusterRun run = Run(Spec(Crash(35, null)), (1, 1000), (1, 2000));
        Assert.Equal(["main/1", "main/1"], run.Ended.Values.Select(e => e.Replica!.Name));
        Assert.Null(run.Cluster.Faults.Single().EndedAt);
    }

    [Fact]
    public void Where_all_are_broken_requests_are_refused_and_can_be_tried_again()
    {
        FaultSpec both = Crash(35, 20) with { Replica = null };
        ClusterRun run = Run(
            Spec(both) with
            {
                Clients = new ClientsSpec(
                    new ClientRules(Retries: Again.Retries! with { After = [FailureCause.Refused] }), []),
            },
            (1, 36), (1, 44));
        Assert.Equal(
            [
                (ClientOutcome.Refused, "no_replica", null, 0, 51), (ClientOutcome.Completed, null, "main/0", 1, 69),
            ],
            Ends(run));
    }

    internal static FaultSpec Crash(
        long at, long? lasts, BrokenConnections connections = BrokenConnections.Reset) =>
        Fault("crash", new Crash(new CrashOptions(connections)), at, lasts);

    internal static FaultSpec Fault(string name, IFault fault, long at, long? lasts) => new(
        name,
        fault,
        new ScheduledFaults(new ScheduledFaultsOptions([new SimTime(at)], lasts is { } l ? new SimTime(l) : null)),
        "main",
        0);

    private static IEnumerable<(ClientOutcome, string?, string?, int, long)> Ends(ClusterRun run) =>
        run.Ended.Select(e => (
            e.Value.Outcome, e.Value.Reason, e.Value.Replica?.Name, e.Value.OutputTokens, run.EndedAt[e.Key].Ticks));

    private static ClusterRun Run(ClusterSpec spec, params (int Output, long Arrival)[] requests) =>
        ClusterRun.Of(requests.Select((r, id) => Request(id, r.Output, r.Arrival)), spec);

    private static ClientRequest Request(long id, int output, long at, string? session = null) =>
        Views.Request(id, session, new TokenSegment(TokenStream.OwnOf(id), 16)) with
        {
            Arrival = new SimTime(at),
            Output = OutputLength.Of(output),
        };

    private static ClusterSpec Spec(params FaultSpec[] faults) => new(
        [new PoolSpec("main", PoolRole.Mixed, 2, () => A.Parts(A.Config(), new AffineLatency(10)))],
        () => new LeastOutstandingRouter())
    {
        Faults = faults,
    };
}
