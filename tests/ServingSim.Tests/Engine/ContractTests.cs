using CsCheck;
using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster;
using ServingSim.Tests.Oracle;
using Xunit;

namespace ServingSim.Tests.Engine;

/// <summary>What the engine's parts promise one another, on random small scenarios.</summary>
public sealed class ContractTests
{
    private const int Scenarios = 2_000;

    [Fact]
    public void A_plan_called_stable_is_followed_by_decodes_of_the_whole_cohort_only()
    {
        (int kept, int ignored) = PromisesOf(OracleScenario.Any);

        // Else a scheduler that never promises anything, or reacts to everything, would pass
        Assert.True(kept > 10 * Scenarios && ignored > Scenarios / 4, $"{kept} plans, {ignored} arrivals");
    }

    [Fact]
    public void A_plan_called_stable_is_so_in_every_profile_and_policy()
    {
        (int kept, int ignored) = PromisesOf(OracleScenario.AnyProfile);
        Assert.True(kept > 10 * Scenarios && ignored > Scenarios / 10, $"{kept} plans, {ignored} arrivals");
    }

    /// <summary>Of 8 blocks of 4 tokens the third prompt lacks one, until the first it quotes is filled.</summary>
    [Fact]
    public void A_blocked_head_that_quotes_a_running_request_is_not_promised_to_stay_blocked()
    {
        OracleScenario scenario = new(
            new OracleConfig { NumGpuBlocks = 9, BlockSize = 4, MaxModelLen = 32 },
            [
                new OracleRequest(0, [new OracleSegment("own0", 4)], 20, 0),
                new OracleRequest(1, [new OracleSegment("own1", 12)], 6, 0),
                new OracleRequest(2, [new OracleSegment("own0", 4), new OracleSegment("out:r0", 9)], 1, 2),
            ],
            new AffineLatency(1),
            1);
        ClusterRun run = ClusterRun.Of(scenario, new StablePromise());
        Assert.Equal("(2, 8)", run.Observer.StepsOf(run.Cluster.Pools[0].Replicas[0])[4].Admitted);
    }

    [Fact]
    public void Asking_for_stable_steps_changes_nothing() =>
        OracleScenario.AnyProfile.Sample(
            scenario => AssertSame(scenario, ClusterRun.Of(scenario), ClusterRun.Of(
                scenario, new StablePromise(ClusterRun.LateOf(scenario.Config)))),
            iter: Scenarios);

    [Fact]
    public void Settling_at_any_moment_changes_nothing() =>
        Gen.Select(OracleScenario.AnyProfile, Gen.Select(Gen.Long[0, 200], Gen.Enum<Phase>()).List[1, 60]).Sample(
            (scenario, moments) => AssertSame(
                scenario, ClusterRun.Of(scenario), ClusterRun.Of(scenario, new Settling(moments))),
            iter: Scenarios);

    /// <summary>The auditor, which every cluster run ends with, looks at requests in every state.</summary>
    [Fact]
    public void A_run_cut_at_any_time_obeys_the_laws() =>
        Gen.Select(OracleScenario.AnyProfile, Gen.OneOf(Gen.Long[0, 100], Gen.Long[0, 5_000])).Sample(
            (scenario, end) => ClusterRun.Of(scenario, null, new SimTime(end)), iter: Scenarios);

    private static (int Kept, int Ignored) PromisesOf(Gen<OracleScenario> any)
    {
        PCG luck = new(1, 3);
        (int kept, int ignored) = (0, 0);
        for (int i = 0; i < Scenarios; i++)
        {
            OracleScenario scenario = any.Generate(luck, null, out _);
            StablePromise promise = new(ClusterRun.LateOf(scenario.Config));
            ClusterRun.Of(scenario, promise);
            (kept, ignored) = (kept + promise.Kept, ignored + promise.Ignored);
        }

        return (kept, ignored);
    }

    private static void AssertSame(OracleScenario scenario, ClusterRun plain, ClusterRun watched)
    {
        for (int i = 0; i < scenario.Replicas; i++)
        {
            Replica replica = watched.Cluster.Pools[0].Replicas[i];
            Replica expected = plain.Cluster.Pools[0].Replicas[i];
            Assert.Equal(plain.Observer.StepsOf(expected), watched.Observer.StepsOf(replica));
            Assert.Equal(OracleTotals.Of(expected), OracleTotals.Of(replica));
        }

        Assert.Equal(plain.Observer.Gaps, watched.Observer.Gaps);
        Assert.Equal(plain.Ended.Select(Times), watched.Ended.Select(Times));
    }

    private static (SimTime?, SimTime?, SimTime?) Times(KeyValuePair<long, EndedRequest> ended) =>
        (ended.Value.Attempt?.FirstScheduled, ended.Value.Attempt?.FirstToken, ended.Value.Attempt?.Finished);

    /// <summary>Settles all replicas at given moments, and one whenever anything happens to it.</summary>
    internal sealed class Settling(List<(long Tick, Phase Phase)> moments) : IRunWatcher
    {
        private Simulation? _simulation;

        public void Begin(ClusterRun run)
        {
            _simulation = run.Simulation;
            EventSource source = _simulation.AddSource("settling");
            foreach ((long tick, Phase phase) in moments)
            {
                _simulation.Schedule(
                    new SimEvent(source, phase, () => run.Cluster.Replicas.ToList().ForEach(Settle)),
                    new SimTime(tick));
            }
        }

        public void StepScheduled(Replica replica, StepPlan plan) => Settle(replica);

        public void StepEnded(Replica replica, StepPlan plan) => Settle(replica);

        public void Finished(Replica replica, Request request) => Settle(replica);

        public void Arriving(Replica replica, ClientRequest client) => Settle(replica);

        private void Settle(Replica replica) => replica.SettleTo(_simulation!.Now, _simulation.Phase);
    }
}
