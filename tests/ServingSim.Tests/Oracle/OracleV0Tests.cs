using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster;
using ServingSim.Tests.Engine;
using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>Profile vllm-v0: known answers, and the literal engine on random small scenarios.</summary>
public sealed class OracleV0Tests
{
    private static readonly Gen<(OracleScenario Scenario, bool IsLarge)> AnyV0 =
        from scenario in OracleScenario.Any
        from isLarge in Gen.Bool
        let usable = isLarge ? 100 + (scenario.Config.NumGpuBlocks * 4) : scenario.Config.NumGpuBlocks - 1
        let maxModelLen = Math.Max(2, Math.Min(usable * scenario.Config.BlockSize, 60 * (isLarge ? 5 : 1)))
        from ofPool in Gen.Bool
        let longest = ofPool ? usable * scenario.Config.BlockSize : maxModelLen
        select (
            scenario with
            {
                Replicas = 1,
                Config = scenario.Config with
                {
                    NumGpuBlocks = usable + 1,
                    MaxModelLen = longest,
                    MaxNumBatchedTokens = longest + scenario.Config.MaxNumSeqs,
                    EnableChunkedPrefill = false,
                    EnablePrefixCaching = false,
                    LongPrefillTokenThreshold = 0,
                },
                Requests =
                [
                    .. scenario.Requests.Select(r => isLarge
                        ? r with
                        {
                            Prompt = [new OracleSegment($"own{r.Id}", r.PromptTokens * 4)],
                            MaxTokens = r.MaxTokens * 4,
                        }
                        : r),
                ],
            },
            isLarge);

    [Fact]
    public void Vllm_v0_equals_its_oracle() => AnyV0.Sample(
        drawn => Compare(drawn.Scenario, 1, OracleComparisonSteps), iter: OracleComparisonTests.Iterations(10_000));

    [Fact]
    public void Runs_of_vllm_v0_equal_its_oracle() => AnyV0.Sample(
        drawn => Compare(drawn.Scenario, int.MaxValue, OracleComparisonRuns),
        iter: OracleComparisonTests.Iterations(10_000));

    /// <summary>
    /// Preemptions, a watermark that matters, ignored prompts, and requests ignored when they come back.
    /// </summary>
    [Fact]
    public void The_random_scenarios_of_vllm_v0_reach_its_rules()
    {
        PCG luck = new(1, 6);
        (int preempted, int refused, int cutShort, int large) = (0, 0, 0, 0);
        for (int i = 0; i < 2_000; i++)
        {
            (OracleScenario scenario, bool isLarge) = AnyV0.Generate(luck, null, out _);
            OracleV0Engine oracle = OracleOf(scenario);
            preempted += oracle.Steps.Any(s => s.Preempted.Count > 0) ? 1 : 0;
            refused += oracle.Sequences.Any(s => s.IsRefused) ? 1 : 0;
            cutShort += oracle.Sequences.Any(s => IsCutShort(s, scenario.Config)) ? 1 : 0;
            large += isLarge ? 1 : 0;
        }

        Assert.True(
            preempted > 200 && refused > 20 && cutShort > 0 && large > 200,
            $"{preempted} {refused} {cutShort} {large}");
    }

    /// <summary>Of 100 blocks one is the watermark: 99 are let in, 100 never.</summary>
    [Theory]
    [InlineData(99, true)]
    [InlineData(100, false)]
    public void A_prompt_that_leaves_no_watermark_in_an_empty_cache_is_refused(int blocks, bool isLetIn)
    {
        ReplicaParts parts = Parts(Config(100, maxSeqs: 4, maxModelLen: 1600));
        Replica replica = new(new Simulation(), "main/0", parts, new Deaf());
        Assert.Equal(isLetIn, replica.ReasonToRefuse((blocks * 16) - 1) is null);
    }

    /// <summary>K22: with a budget of 8192 the prompt is alone in its step, and the ten that decode wait.</summary>
    [Fact]
    public void A_prompt_stops_all_decodes_for_a_step()
    {
        ReplicaRun run = ReplicaRun.Of(
            Parts(Config(2_000, maxSeqs: 20, maxModelLen: 8_192)),
            [.. Enumerable.Range(0, 10).Select(i => A.Request(i, 10, 4)), A.Request(10, 8_000, 2, at: 1)]);
        Assert.Equal("(10, 8000)", run.Steps[1].Scheduled);
        Assert.Equal(11, run.Steps[2].RunningCount);
        Assert.Equal(11, run.Steps[2].Scheduled.Split("(").Length - 1);
    }

    /// <summary>
    /// Of ten blocks the two prompts hold eight and take the last two for their first decodes; with none free the
    /// second is preempted at the next, though neither needs one.
    /// </summary>
    [Fact]
    public void A_decode_needs_a_free_block_even_where_it_takes_none()
    {
        ReplicaRun run = ReplicaRun.Of(
            Parts(Config(10, maxSeqs: 4, maxModelLen: 160)), [A.Request(0, 64, 8), A.Request(1, 64, 8)]);
        Assert.Equal(["(0, 64) (1, 64)", "(0, 1) (1, 1)", "(0, 1)"], run.Steps.Take(3).Select(s => s.Scheduled));
        Assert.Equal(["", "", "1"], run.Steps.Take(3).Select(s => s.Preempted));
    }

    private static bool IsCutShort(OracleSequence sequence, OracleConfig config) =>
        !sequence.IsRefused
        && sequence.OutputTokens < sequence.Request.MaxTokens
        && sequence.KnownTokens < config.MaxModelLen;

    private static void Compare(
        OracleScenario scenario, int maxRunSteps, Action<OracleV0Engine, IReadOnlyList<RecordedStep>> compareSteps)
    {
        OracleConfig config = scenario.Config;
        EngineConfig engine = Config(
            config.NumGpuBlocks - 1,
            config.MaxNumSeqs,
            config.MaxModelLen,
            config.BlockSize,
            config.MaxNumBatchedTokens);
        engine = engine with { MaxRunSteps = maxRunSteps };
        ClusterRun run = ClusterRun.Of(
            scenario.Requests.Select(r => ClusterRun.ClientOf(r, Labels.None)),
            new PoolSpec("main", PoolRole.Mixed, 1, () => Parts(engine, scenario.Latency)),
            new RoundRobinRouter());
        OracleV0Engine oracle = OracleOf(scenario);
        compareSteps(oracle, run.Observer.StepsOf(run.Cluster.Pools[0].Replicas[0]));
        foreach (OracleSequence sequence in oracle.Sequences)
        {
            EndedRequest ended = run.Ended[sequence.Id];
            Assert.Equal(sequence.IsRefused, ended.Outcome == ClientOutcome.Refused);
            Assert.Equal(sequence.FirstTokenTime, ended.Attempt?.FirstToken?.Ticks);
            Assert.Equal(sequence.FinishTime, ended.Attempt?.Finished?.Ticks);
            Assert.Equal(sequence.OutputTokens, ended.Attempt?.GeneratedTokens ?? 0);
            Assert.Equal(sequence.Preemptions, ended.Attempt?.Preemptions ?? 0);
        }

        Assert.Equal(
            oracle.Sequences.SelectMany(s => s.InterTokenTimes).Order(),
            run.Observer.Gaps.SelectMany(g => Enumerable.Repeat(g.Key.Ticks, (int)g.Value)).Order());
    }

    private static void OracleComparisonSteps(OracleV0Engine oracle, IReadOnlyList<RecordedStep> actual)
    {
        Assert.Equal(oracle.Steps.Count, actual.Count);
        Assert.All(actual, step => OracleComparisonTests.CompareRun(oracle.Steps, step));
    }

    private static void OracleComparisonRuns(OracleV0Engine oracle, IReadOnlyList<RecordedStep> actual)
    {
        Assert.All(actual, step => OracleComparisonTests.CompareRun(oracle.Steps, step));
        Assert.Equal(oracle.Steps.Count - 1, actual.Count == 0 ? -1 : actual[^1].LastNumber);
    }

    private static OracleV0Engine OracleOf(OracleScenario scenario)
    {
        OracleV0Engine oracle = new(scenario.Config, shape => scenario.Latency.Ticks(
            shape.Prefills.Sum(p => p.Tokens), shape.Decodes, shape.DecodeContextTokens, shape.SampledTokens));
        oracle.Run(scenario.Requests);
        return oracle;
    }

    private static EngineConfig Config(
        int blocks, int maxSeqs, int maxModelLen, int blockSize = 16, int? budget = null) => A.Config(
        blocks + 1, blockSize, budget ?? maxModelLen, maxSeqs, maxModelLen, chunked: false, caching: false);

    private static ReplicaParts Parts(EngineConfig config, AffineLatency? latency = null) =>
        A.Parts(config, latency) with { Scheduler = new VllmV0Scheduler() };

    private sealed class Deaf : IReplicaObserver;
}
