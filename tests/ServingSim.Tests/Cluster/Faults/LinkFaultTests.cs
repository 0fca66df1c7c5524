using ServingSim.Cluster;
using ServingSim.Cluster.Clients;
using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Transfer;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Oracle;
using Xunit;

namespace ServingSim.Tests.Cluster.Faults;

/// <summary>
/// One request of 32 prompt and 3 output tokens, as in <see cref="Transfer.HandoffTests"/>: its prompt is computed at
/// 132, its two blocks of 1,000 bytes begin to move at 182, at 100 bytes a tick, and are there at 202; with nixl each
/// of its tokens takes a step of 110 from then on.
/// </summary>
public sealed class LinkFaultTests
{
    [Theory]

    // Half of it from the beginning: 40 ticks; a quarter of it from the middle on, for ever and for 20 ticks
    [InlineData("d", 0.5, 0, null, 222)]
    [InlineData("p", 0.5, 0, null, 222)]
    [InlineData("d", 0.25, 192, null, 232)]
    [InlineData("p", 0.25, 192, 20, 217)]

    // Nothing for a while; from the instant on at which all is there; over when the first byte moves, and before
    [InlineData("d", 0.0, 192, 808, 1010)]
    [InlineData("p", 0.0, 150, 850, 1020)]
    [InlineData("d", 0.0, 202, 500, 202)]
    [InlineData("d", 0.0, 20, 162, 202)]
    [InlineData("d", 0.0, 20, 111, 202)]
    public void What_moves_over_a_narrow_link_is_there_later(
        string pool, double factor, long at, int? lasts, long landed)
    {
        ClusterRun run = Run(Nixl(), [Link(pool, factor, at, lasts)]);
        EndedRequest ended = run.Ended[0];
        Assert.Equal((ClientOutcome.Completed, landed), (ended.Outcome, ended.Handover!.Landed?.Ticks));
        Assert.Equal(landed + 330, run.EndedAt[0].Ticks);
        FaultStrike strike = Assert.Single(run.Cluster.Faults);
        Assert.Equal(
            (lasts == 111 ? 0 : 1, 0, 0, null),
            (strike.Transfers, strike.LostAttempts, strike.LostTokens, strike.NoticedAt));
    }

    /// <summary>
    /// Half from 192 to 212 and a half of it from 202 to 222: 10 ticks at 50, 10 at 25, 5 at 50. A third that takes all
    /// from 205 to 300 leaves 425 bytes, which move at 100.
    /// </summary>
    [Fact]
    public void Faults_of_one_link_multiply_and_end_by_themselves()
    {
        FaultSpec[] halves = [Link("d", 0.5, 192, 20), Link("d", 0.5, 202, 20)];
        Assert.Equal(217, Run(Nixl(), halves).Ended[0].Handover!.Landed?.Ticks);
        FaultSpec all = Link("d", 0, 205, 95);
        Assert.Equal(305, Run(Nixl(), [.. halves, all]).Ended[0].Handover!.Landed?.Ticks);
        Assert.Equal(305, Run(Nixl(), [all, .. halves.Reverse()]).Ended[0].Handover!.Landed?.Ticks);

        // Those of its two ends do not: the narrower decides, 10 ticks at 50 and 20 at 25
        Assert.Equal(222, Run(Nixl(), [halves[0], Link("p", 0.25, 202, 20)]).Ended[0].Handover!.Landed?.Ticks);
    }

    /// <summary>
    /// 1,000 bytes a second, twice 0.9999 of them: 999.8, so 999, at which 2,000 bytes take 2.002002002 s; rounded down
    /// after each factor it would be 998.
    /// </summary>
    [Fact]
    public void What_faults_leave_of_a_link_is_rounded_once()
    {
        FaultSpec[] twice = [Link("d", 0.9999, 0, null), Link("d", 0.9999, 0, null)];
        Assert.Equal(182 + 200_200_200_201, Run(Nixl(), twice, nicGbPerS: 1e-6).Ended[0].Handover!.Landed?.Ticks);
    }

    /// <summary>
    /// The prefill replica gives its blocks up at 232, 100 after it finished; the decode replica hears of it 50 later,
    /// and computes the prompt itself, in 132.
    /// </summary>
    [Fact]
    public void A_read_that_waits_longer_than_the_kv_is_kept_fails_and_the_prompt_is_computed_again()
    {
        ClusterRun run = Run(Nixl(100), [Link("d", 0, 192, null)]);
        EndedRequest ended = run.Ended[0];
        Assert.Equal((ClientOutcome.Completed, null), (ended.Outcome, ended.Handover!.Landed));
        Assert.Equal((414L, 634L), (ended.Attempt!.FirstToken?.Ticks, run.EndedAt[0].Ticks));
        FaultStrike strike = Assert.Single(run.Cluster.Faults);
        Assert.Equal((1, 0, 32), (strike.Transfers, strike.LostAttempts, strike.LostTokens));
        Assert.Equal(32, run.Cluster.Attempts.RecomputedTokens);
        Assert.Equal((Int128)(2 * 232), UsedBlockTicks(run, 0));
    }

    /// <summary>As above, but the request fails at 282, and another attempt finds the link repaired.</summary>
    [Fact]
    public void Or_the_request_fails_and_can_be_tried_again()
    {
        IHandoff handoff = new NixlHandoff(new NixlOptions(new SimTime(100), KvLoadFailurePolicy.Fail));
        FaultSpec[] faults = [Link("d", 0, 192, 60)];
        EndedRequest ended = Run(handoff, faults).Ended[0];
        Assert.Equal((ClientOutcome.Lost, "kv_load", "d/0"), (ended.Outcome, ended.Reason, ended.Replica?.Name));

        ClusterRun run = Run(
            handoff,
            faults,
            new ClientRules(
                Retries: new RetryOptions(new SimTime(18), new SimTime(18), [FailureCause.Lost], 1, 1, Jitter: 0)));

        // Sent at 300: the prompt, but for the first of its blocks, is computed at 416, and is there 70 later
        ended = run.Ended[0];
        Assert.Equal((ClientOutcome.Completed, 2, 416L), (ended.Outcome, ended.Attempts, Prefilled(ended)));
        Assert.Equal((486L, 816L), (ended.Handover!.Landed?.Ticks, run.EndedAt[0].Ticks));
        Assert.Equal(1, run.Cluster.Faults[0].LostAttempts);
        Assert.Equal((1, 32), (run.Cluster.Attempts.Lost, run.Cluster.Attempts.WastedTokens));
    }

    /// <summary>
    /// DistServe's prefill replica keeps KV until it is read, however long. The client gives up at 1000; blocks on both
    /// sides are held until the link works again at 5000 and what is left, all of it, has moved.
    /// </summary>
    [Fact]
    public void With_distserve_blocks_are_held_on_both_sides_until_the_link_works()
    {
        ClusterRun run = Run(
            new DistServeHandoff(new DistServeOptions()),
            [Link("d", 0, 150, 4850)],
            new ClientRules(Timeout: new SimTime(1000)));
        Assert.Equal((ClientOutcome.Aborted, 1000L), (run.Ended[0].Outcome, run.EndedAt[0].Ticks));
        Assert.Equal(
            ((Int128)(2 * 5020), (Int128)(2 * (5020 - 132))), (UsedBlockTicks(run, 0), UsedBlockTicks(run, 1)));
    }

    /// <summary>
    /// The second of two decode replicas is cut off; the router goes on choosing it in its turn. Requests of 0, 1 and 2
    /// are prefilled together; only the second waits for the link.
    /// </summary>
    [Fact]
    public void Routers_and_health_checks_see_nothing_of_it()
    {
        FaultSpec cut = Link("d", 0, 100, 9900) with { Replica = 1 };
        ClusterRun run = Run(
            Nixl(), [cut], requests: 3, decode: 2, health: new HealthOptions(new SimTime(50), default, 1, 1));
        Assert.Equal(["d/0", "d/1", "d/0"], run.Ended.Values.Select(e => e.Replica!.Name));
        Assert.Equal([true, false, true], run.Ended.Values.Select(e => e.Handover!.Landed < new SimTime(1000)));
        Assert.Equal(10_020, run.Ended[1].Handover!.Landed?.Ticks);
        Assert.Null(run.Cluster.Faults[0].NoticedAt);
    }

    /// <summary>On one node the network cards carry nothing, and the node's links, as wide here, everything.</summary>
    [Theory]
    [InlineData(KvLinks.Network, 202)]
    [InlineData(KvLinks.Node, 222)]
    public void A_fault_strikes_the_links_that_it_names(KvLinks links, long landed)
    {
        FaultSpec half = Link("d", 0.5, 0, null) with { Fault = new LinkFault(new LinkFaultOptions(0.5, links)) };
        Assert.Equal(landed, Run(Nixl(), [half], gpusPerNode: 8).Ended[0].Handover!.Landed?.Ticks);
    }

    private static long? Prefilled(EndedRequest ended) => ended.Handover!.Prefill.Finished?.Ticks;

    private static Int128 UsedBlockTicks(ClusterRun run, int pool)
    {
        Replica replica = run.Cluster.Pools[pool].Replicas[0];
        replica.SettleTo(run.Simulation.Now, Phase.Decision);
        Assert.Equal(0, replica.State.Kv.UsedBlocks);
        return replica.Statistics.UsedBlockTicks;
    }

    private static NixlHandoff Nixl(long? timeout = null) =>
        new(new NixlOptions(timeout is { } ticks ? new SimTime(ticks) : NixlOptions.DefaultTimeout));

    private static FaultSpec Link(string pool, double factor, long at, long? lasts) => FaultTests.Fault(
        "link", new LinkFault(new LinkFaultOptions(factor)), at, lasts) with
    { Pool = pool };

    private static ClusterRun Run(
        IHandoff handoff,
        IReadOnlyList<FaultSpec> faults,
        ClientRules? rules = null,
        int requests = 1,
        int decode = 1,
        int gpusPerNode = 1,
        HealthOptions? health = null,
        double nicGbPerS = 10_000)
    {
        OracleConfig config = new() { NumGpuBlocks = 100, MaxModelLen = 1_000 };
        AffineLatency latency = new(100, PrefillToken: 1, Decode: 10);
        PoolSpec[] pools =
        [
            ClusterRun.PoolOf("p", config, latency, 1) with
            {
                Role = PoolRole.Prefill,
                LinkBytesPerS = 10_000_000_000_000,
            },
            ClusterRun.PoolOf("d", config, latency, decode) with
            {
                Role = PoolRole.Decode,
                BlockBytes = 1_000,
                LinkBytesPerS = 10_000_000_000_000,
            },
        ];
        NetworkSpec network = new(NicGbPerS: nicGbPerS, LatencyUs: 50e-5, GpusPerNode: gpusPerNode);
        return ClusterRun.Of(
            Enumerable.Range(0, requests).Select(id => ClusterRun.ClientOf(
                new OracleRequest(id, [new OracleSegment($"own{id}", 32)], 3, id), Labels.None)),
            new ClusterSpec(pools, () => new RoundRobinRouter())
            {
                Disaggregation = new DisaggregationSpec(handoff, network, () => new RoundRobinRouter()),
                Clients = rules is null ? null : new ClientsSpec(rules, []),
                Faults = faults,
                Health = health,
            });
    }
}
