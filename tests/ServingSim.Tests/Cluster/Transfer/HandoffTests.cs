using ServingSim.Cluster;
using ServingSim.Cluster.Clients;
using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Transfer;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster.Faults;
using ServingSim.Tests.Oracle;
using Xunit;

namespace ServingSim.Tests.Cluster.Transfer;

/// <summary>
/// One request of 32 prompt tokens and 3 output tokens, by hand. A step takes 100 ticks, a prefill token 1 and a decode
/// 10: the prompt is computed at 132. Its two blocks of 1,000 bytes begin to move 50 ticks later, at 100 bytes a tick:
/// they are there at 202. Each decode step takes 110.
/// </summary>
public sealed class HandoffTests
{
    /// <summary>The decode replica computes the last prompt token again and samples the first token itself.</summary>
    [Fact]
    public void With_nixl_the_first_token_waits_for_the_transfer_and_a_step()
    {
        (EndedRequest ended, ClusterRun run) = Run(new NixlHandoff(new NixlOptions(NixlOptions.DefaultTimeout)));
        Assert.Equal((312L, 532L), (ended.Attempt!.FirstToken?.Ticks, ended.Attempt.Finished?.Ticks));
        Assert.Equal((202L, 2_000L), (ended.Handover!.Landed?.Ticks, ended.Handover.MovedBytes));
        Assert.Equal([110L, 110L], run.Observer.Gaps.SelectMany(g => Enumerable.Repeat(g.Key.Ticks, (int)g.Value)));
    }

    /// <summary>The prefill replica's token is the client's, and the next waits for the transfer and a step.</summary>
    [Fact]
    public void With_distserve_the_second_token_waits_for_the_transfer_and_a_step()
    {
        (EndedRequest ended, ClusterRun run) = Run(new DistServeHandoff(new DistServeOptions()));
        Assert.Equal((132L, 422L), (ended.Attempt!.FirstToken?.Ticks, ended.Attempt.Finished?.Ticks));
        Assert.Equal([110L, 180L], run.Observer.Gaps.SelectMany(g => Enumerable.Repeat(g.Key.Ticks, (int)g.Value)));
    }

    /// <summary>2 blocks held from 0 to 202, of which the step's end at 132 gives back nothing.</summary>
    [Fact]
    public void The_prefill_replica_holds_its_blocks_until_they_are_read()
    {
        (_, ClusterRun run) = Run(new NixlHandoff(new NixlOptions(NixlOptions.DefaultTimeout)));
        Replica prefill = run.Cluster.Pools[0].Replicas[0];
        Assert.Equal((Int128)(2 * 202), prefill.Statistics.UsedBlockTicks);
    }

    /// <summary>Its client gives up at 160, while its KV moves: the prompt was computed for nothing, once.</summary>
    [Fact]
    public void What_was_prefilled_for_a_client_that_gives_up_is_wasted()
    {
        ClientRules rules = new(Timeout: new SimTime(160));
        foreach (IHandoff handoff in new IHandoff[]
        {
            new NixlHandoff(new NixlOptions(NixlOptions.DefaultTimeout)), new DistServeHandoff(new DistServeOptions()),
        })
        {
            (EndedRequest ended, ClusterRun run) = Run(handoff, rules);
            Assert.Equal(ClientOutcome.Aborted, ended.Outcome);
            Assert.Equal(32, run.Cluster.Attempts.WastedTokens);
        }
    }

    /// <summary>
    /// The only decode replica is gone at 132, so the request is refused. With nixl nobody tells the prefill replica,
    /// which keeps both blocks for 300 ticks; with distserve it gives them back at once.
    /// </summary>
    [Theory]
    [InlineData(true, 132 + 300)]
    [InlineData(false, 132)]
    public void Without_a_decode_replica_kv_is_kept_for_the_time_out_if_there_is_one(bool nixl, int until)
    {
        IHandoff handoff = nixl
            ? new NixlHandoff(new NixlOptions(new SimTime(300)))
            : new DistServeHandoff(new DistServeOptions());
        FaultSpec[] gone = [FaultTests.Crash(100, 1_000) with { Pool = "d" }];
        (EndedRequest ended, ClusterRun run) = Run(handoff, faults: gone);
        Assert.Equal((ClientOutcome.Refused, "no_replica", 132L), (ended.Outcome, ended.Reason, run.EndedAt[0].Ticks));
        Replica prefill = run.Cluster.Pools[0].Replicas[0];
        Assert.Equal((0, (Int128)(2 * until)), (prefill.State.Kv.UsedBlocks, prefill.Statistics.UsedBlockTicks));
    }

    private static (EndedRequest Ended, ClusterRun Run) Run(
        IHandoff handoff, ClientRules? rules = null, FaultSpec[]? faults = null)
    {
        OracleConfig config = new() { NumGpuBlocks = 100, MaxModelLen = 1_000 };
        AffineLatency latency = new(100, PrefillToken: 1, Decode: 10);
        PoolSpec[] pools =
        [
            ClusterRun.PoolOf("p", config, latency, 1) with { Role = PoolRole.Prefill },
            ClusterRun.PoolOf("d", config, latency, 1) with { Role = PoolRole.Decode, BlockBytes = 1_000 },
        ];
        NetworkSpec network = new(NicGbPerS: 10_000, LatencyUs: 50e-5, GpusPerNode: 1);
        ClusterSpec spec = new(pools, () => new LeastOutstandingRouter())
        {
            Disaggregation = new DisaggregationSpec(handoff, network, () => new LeastOutstandingRouter()),
            Clients = rules is null ? null : new ClientsSpec(rules, []),
            Faults = faults ?? [],
        };
        OracleRequest request = new(0, [new OracleSegment("own0", 32)], 3, 0);
        ClusterRun run = ClusterRun.Of([ClusterRun.ClientOf(request, Labels.None)], spec);
        run.Cluster.Pools[0].Replicas[0].SettleTo(run.Simulation.Now, Phase.Decision);
        return (run.Ended[0], run);
    }
}
