using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Clients;
using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Scaling;
using ServingSim.Cluster.Transfer;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster;
using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>
/// Fleets of prefill and decode replicas do exactly what the literal cluster does, with transfers that share the
/// network, clients that give up and try again, replicas that break, and in half of them asynchronous scheduling.
/// </summary>
public sealed class OracleClusterTests
{
    [Fact]
    public void Disaggregated_clusters_equal_the_oracle() =>
        Gen.Select(OracleClusterScenario.Any, Gen.OneOf(Gen.Const(1), Gen.Const(int.MaxValue))).Sample(
            Compare, iter: OracleComparisonTests.Iterations(5_000));

    private static void Compare(OracleClusterScenario scenario, int maxRunSteps)
    {
        OracleCluster oracle;
        try
        {
            oracle = OracleCluster.Run(
                scenario,
                reserved => OracleComparisonTests.EngineOf(scenario.Engine.Config, scenario.Engine.Latency, reserved));
        }
        catch (InvalidOperationException) when (scenario.Engine.Config.Profile == OracleProfile.VllmV1)
        {
            // A preempted request is admitted and preempted for ever before those whose KV has landed
            return;
        }

        ClusterRun run = ClusterRun.Of(
            scenario.Engine.Requests.Select(r => ClusterRun.ClientOf(r, Labels.None)), SpecOf(scenario, maxRunSteps));
        while (run.Simulation.Step())
        {
            // KV that nobody reads, and replicas that come back
        }

        // In vllm-v1 a preempted request whose blocks are short stands before those whose KV has landed, which hold
        // them: such a fleet stands still, here and there
        Assert.Equal(
            oracle.Clients.Where(c => c.Outcome is not null).Select(c => (c.Request.Id, c.Outcome, c.Attempts)),
            run.Ended.Values.Select(e => ((int)e.Client.Id, (string?)e.Outcome.ToString(), e.Attempts)));
        foreach (OracleClient client in oracle.Clients.Where(c => c.Outcome == "Completed"))
        {
            EndedRequest ended = run.Ended[client.Request.Id];
            Assert.Equal(
                (client.Sequence!.FirstTokenTime, client.Sequence.FinishTime, client.Sequence.OutputTokens),
                (ended.Attempt!.FirstToken?.Ticks, ended.Attempt.Finished?.Ticks, ended.OutputTokens));
        }

        if (scenario.Scaling is not null)
        {
            SimTime last = new(Math.Max(oracle.Now, run.Simulation.Now.Ticks));
            run.Simulation.RunUntil(last);
            Assert.Equal(
                oracle.PaidTo(last.Ticks), run.Cluster.Pools.Select(pool => (long)pool.PaidTicks(last)));
        }

        foreach ((OracleEngine engine, ServingSim.Engine.Replica replica) in oracle.Engines.Zip(run.Cluster.Replicas))
        {
            SimTime end = new(Math.Max(oracle.Now, run.Simulation.Now.Ticks));
            engine.AdvanceTo(end.Ticks);
            replica.SettleTo(end, Phase.Decision);
            Assert.Equal(OracleTotals.Of(engine), OracleTotals.Of(replica));
            bool isStuck = run.Ended.Count < oracle.Clients.Count;
            Assert.Equal(engine.UsedBlocks, replica.State.Kv.UsedBlocks);
            Assert.True(isStuck || engine.UsedBlocks == 0, $"{replica.Name} holds {engine.UsedBlocks} blocks");
        }
    }

    private static ClusterSpec SpecOf(OracleClusterScenario scenario, int maxRunSteps)
    {
        const double GbPerSOfAByteATick = 100;
        const double UsPerTick = 1e-5;
        IHandoff handoff = scenario.WaitingBlocksShare is { } share
            ? new DistServeHandoff(new DistServeOptions(share))
            : new NixlHandoff(new NixlOptions(
                new SimTime(scenario.PinTimeout),
                scenario.FailsWithoutKv ? KvLoadFailurePolicy.Fail : KvLoadFailurePolicy.Recompute));
        RetryOptions? retries = scenario.Retries == 0
            ? null
            : new RetryOptions(
                new SimTime(scenario.Backoff),
                new SimTime(scenario.Backoff),
                [FailureCause.Refused, FailureCause.Timeout, FailureCause.Lost],
                scenario.Retries,
                Multiplier: 1,
                Jitter: 0);
        SimTime? timeout = scenario.Timeout is { } ticks ? new SimTime(ticks) : null;
        return new ClusterSpec([PoolOf("prefill"), PoolOf("decode")], () => new RoundRobinRouter())
        {
            Disaggregation = new DisaggregationSpec(
                handoff,
                new NetworkSpec(scenario.PortBytes * GbPerSOfAByteATick, scenario.Latency * UsPerTick, GpusPerNode: 1),
                () => new RoundRobinRouter()),
            GpuBudget = scenario.GpuBudget,
            Clients = new ClientsSpec(new ClientRules(Timeout: timeout, Retries: retries), []),
            Faults =
            [
                .. scenario.Crashes.Select((crash, i) => new FaultSpec(
                    $"crash {i}",
                    new Crash(new CrashOptions()),
                    new ScheduledFaults(
                        new ScheduledFaultsOptions([new SimTime(crash.At)], new SimTime(crash.Lasts))),
                    PoolNameOf(crash.Engine),
                    PlaceOf(crash.Engine))),
                .. scenario.LinkFaults.Select((fault, i) => new FaultSpec(
                    $"link {i}",
                    new LinkFault(new LinkFaultOptions(fault.Millionths / 1e6)),
                    new ScheduledFaults(
                        new ScheduledFaultsOptions([new SimTime(fault.At)], new SimTime(fault.Lasts))),
                    PoolNameOf(fault.Engine),
                    PlaceOf(fault.Engine))),
            ],
        };

        string PoolNameOf(int engine) => engine < scenario.Prefill ? "prefill" : "decode";

        int PlaceOf(int engine) => engine < scenario.Prefill ? engine : engine - scenario.Prefill;

        PoolSpec PoolOf(string name)
        {
            bool prefills = name == "prefill";
            int most = prefills ? scenario.Prefill : scenario.Decode;
            OracleScaling? scaling = prefills ? scenario.Scaling?.Prefill : scenario.Scaling?.Decode;
            PoolSpec pool = ClusterRun.PoolOf(
                name, scenario.Engine.Config, scenario.Engine.Latency, scaling?.Initial ?? most, maxRunSteps);
            return pool with
            {
                Scaling = scaling is null ? null : ScalingOf(scaling, most),
                GpusPerReplica = 1,
                Role = prefills ? PoolRole.Prefill : PoolRole.Decode,
                BlockBytes = scenario.BlockBytes,
            };
        }
    }

    private static ScalingSpec ScalingOf(OracleScaling scaling, int most) => new(
        scaling.Every is not { } every
            ? new ScheduledReplicas(new ScheduledReplicasOptions(
                [.. scaling.Counts.Select(c => new ScheduledCount(new SimTime(c.At), c.Engines))]))
            : new LooksUntil(
                new SimTime(scaling.Until),
                scaling.LooksOfDecision is { } looks
                    ? new ThresholdAutoscaler(new ThresholdOptions(
                        new SimTime(every * looks),
                        new SimTime(every),
                        scaling.Metric == 0 ? ThresholdMetric.Queue : ThresholdMetric.KvCacheUsage,
                        scaling.Thresholds.Up,
                        scaling.Thresholds.Down,
                        scaling.Thresholds.Grace))
                    : new HpaAutoscaler(new HpaOptions(
                        scaling.Hpa.Target,
                        new SimTime(every),
                        new SimTime(scaling.Hpa.Stabilization),
                        new SimTime(scaling.Policies.Ticks),
                        (ScalingMetric)scaling.Metric,
                        ScaleUpPercent: scaling.Policies.Percent,
                        ScaleUpPods: scaling.Policies.Pods,
                        ScaleDownPercent: scaling.Policies.PercentDown))),
        scaling.Min,
        most,
        new SimTime(scaling.ColdStart));

    /// <summary>An autoscaler that looks no more from a time on, so that a run ends.</summary>
    private sealed class LooksUntil(SimTime end, IAutoscaler of) : IAutoscaler
    {
        public SimTime? NextLook(SimTime after) => of.NextLook(after) is { } next && next < end ? next : null;

        public int? Wanted(PoolLoad load) => of.Wanted(load);
    }
}
