using CsCheck;
using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Tests.Cluster;
using ServingSim.Tests.Engine;
using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>The engine and the oracle, which share no code, do exactly the same on random small scenarios.</summary>
public sealed class OracleComparisonTests
{
    private const int Scenarios = 2_000;

    /// <summary>Where the request admitted last is preempted, none that runs misses a step.</summary>
    private static readonly OracleRule[] PriorityOnly = [OracleRule.DecodeMissesStep, OracleRule.StepWithoutTokens];

    private static readonly OracleRule[] ByLengthOnly =
        [OracleRule.EqualLengthsWaitByArrival, OracleRule.EqualLengthsWaitByNumber];

    /// <summary>What first come, first served rules out, too: nobody passes another.</summary>
    private static readonly OracleRule[] NeverFcfs =
    [
        .. PriorityOnly, .. ByLengthOnly, OracleRule.AdmissionBeforeEarlierArrival,
        OracleRule.NewcomerPassesBlockedHead, OracleRule.PreemptedWaitsBehindAnother,
    ];

    [Fact]
    public void The_engine_equals_the_oracle_on_random_scenarios() =>
        OracleScenario.Any.Sample(Compare, iter: Iterations(10_000));

    [Fact]
    public void The_engine_equals_the_oracle_in_every_profile_and_policy() =>
        OracleScenario.AnyProfile.Sample(Compare, iter: Iterations(10_000));

    /// <summary>
    /// Each rule in at least one of 200 scenarios, the luck being fixed, but those that cannot happen: what the
    /// requests admitted before another take of a step never grows, so none that runs ever misses a step, and the one
    /// admitted first finds all blocks free in the end.
    /// </summary>
    [Fact]
    public void The_random_scenarios_reach_every_rule() =>
        AssertMet(RulesMet(OracleScenario.Any), OraclePolicy.Fcfs, Scenarios / 200, NeverFcfs);

    /// <summary>By priority, a request that preempts itself ends the step for all behind it.</summary>
    [Fact]
    public void The_random_scenarios_of_every_policy_reach_its_rules()
    {
        Dictionary<OraclePolicy, Dictionary<OracleRule, int>> met = RulesMet(OracleScenario.AnyProfile);
        AssertMet(met, OraclePolicy.Priority, Scenarios / 1000, ByLengthOnly);
        AssertMet(met, OraclePolicy.ShortestFirst, Scenarios / 1000, PriorityOnly);
        AssertMet(met, OraclePolicy.LongestFirst, Scenarios / 1000, PriorityOnly);
    }

    private static void AssertMet(
        Dictionary<OraclePolicy, Dictionary<OracleRule, int>> met,
        OraclePolicy policy,
        int least,
        OracleRule[] never) =>
        Assert.All(met[policy], rule => Assert.True(
            never.Contains(rule.Key) ? rule.Value == 0 : rule.Value >= least,
            $"{rule.Key} by {policy}: {rule.Value} scenarios"));

    /// <summary>How many scenarios of each policy come across each rule.</summary>
    private static Dictionary<OraclePolicy, Dictionary<OracleRule, int>> RulesMet(Gen<OracleScenario> any)
    {
        Dictionary<OraclePolicy, Dictionary<OracleRule, int>> met = Enum.GetValues<OraclePolicy>().ToDictionary(
            policy => policy, _ => Enum.GetValues<OracleRule>().ToDictionary(rule => rule, _ => 0));
        PCG luck = new(1, 1);
        for (int i = 0; i < Scenarios; i++)
        {
            OracleScenario scenario = any.Generate(luck, null, out _);
            IEnumerable<OracleRule> rules = Enumerable.Range(0, scenario.Replicas)
                .SelectMany(replica => OracleCoverage.Of(scenario, OracleOf(scenario, replica)));
            foreach (OracleRule rule in rules.Distinct())
            {
                met[scenario.Config.Policy][rule]++;
            }
        }

        return met;
    }

    /// <summary>More on demand: <c>dotnet test -e ORACLE_RUNS=1000000</c>.</summary>
    internal static long Iterations(long normal) =>
        long.TryParse(Environment.GetEnvironmentVariable("ORACLE_RUNS"), out long more) ? more : normal;

    private static void Compare(OracleScenario scenario)
    {
        ClusterRun run = ClusterRun.Of(scenario);
        Compare(scenario, run, CompareSteps);
    }

    internal static void Compare(
        OracleScenario scenario, ClusterRun run, Action<OracleEngine, IReadOnlyList<RecordedStep>> compareSteps)
    {
        List<OracleEngine> oracles = [.. Enumerable.Range(0, scenario.Replicas).Select(i => OracleOf(scenario, i))];
        SortedDictionary<(int Class, long Ticks), long> gaps = [];
        for (int i = 0; i < scenario.Replicas; i++)
        {
            Replica replica = run.Cluster.Pools[0].Replicas[i];
            compareSteps(oracles[i], run.Observer.StepsOf(replica));
            Assert.Equal(OracleTotals.Of(oracles[i]), OracleTotals.Of(replica));
            foreach (OracleSequence sequence in oracles[i].Sequences)
            {
                CompareRequest(sequence, run.Ended[sequence.Id]);
                foreach (long ticks in sequence.InterTokenTimes)
                {
                    (int, long) gap = (ClusterRun.ClassOf(sequence.Id).Index, ticks);
                    gaps[gap] = gaps.GetValueOrDefault(gap) + 1;
                }
            }
        }

        Assert.Equal(gaps, run.Observer.Gaps);
    }

    /// <summary>
    /// Round robin is told literally: request i of those not refused goes to replica i modulo their number.
    /// </summary>
    private static OracleEngine OracleOf(OracleScenario scenario, int replica)
    {
        List<OracleRequest> routed = [];
        int next = 0;
        foreach (OracleRequest request in scenario.Requests)
        {
            bool refused = request.Prompt.Sum(p => p.Tokens) >= scenario.Config.MaxModelLen;
            if (refused ? replica == 0 : next++ % scenario.Replicas == replica)
            {
                routed.Add(request);
            }
        }

        return OracleOf(scenario.Config, scenario.Latency, routed);
    }

    internal static OracleEngine OracleOf(
        OracleConfig config,
        AffineLatency latency,
        IReadOnlyList<OracleRequest> requests,
        IReadOnlyList<(long Tick, int Id)>? aborts = null)
    {
        return config.Stages.Count > 0 ? OraclePipelineLoop.Run(config, requests, Time, HostTime, aborts)
            : config.AsyncScheduling ? OracleAsyncLoop.Run(config, requests, Time, HostTime, aborts)
            : OracleSyncLoop.Run(config, requests, Time, aborts);

        long HostTime(OracleStepShape shape) => latency.HostTicks(shape.Prefills.Count + shape.Decodes);

        long Time(OracleStepShape shape) => TimeOf(latency, shape);
    }

    /// <summary>An idle engine that tells of blocks that it sets aside.</summary>
    internal static OracleEngine EngineOf(
        OracleConfig config, AffineLatency latency, Action<OracleSequence, int> reserved) =>
        new(config, shape => TimeOf(latency, shape))
        {
            Reserved = reserved,
            HostTime = shape => latency.HostTicks(shape.Prefills.Count + shape.Decodes),
        };

    private static long TimeOf(AffineLatency latency, OracleStepShape shape) =>
        latency.HostTicks(shape.Prefills.Count + shape.Decodes)
        + latency.Ticks(
            shape.Prefills.Sum(p => p.Tokens),
            shape.Decodes,
            shape.DecodeContextTokens + shape.Prefills.Sum(p => (long)p.ContextBefore),
            shape.SampledTokens);

    internal static void CompareSteps(OracleEngine oracle, IReadOnlyList<RecordedStep> actual)
    {
        for (int i = 0; i < Math.Min(oracle.Steps.Count, actual.Count); i++)
        {
            Assert.Equal(i, actual[i].Number);
            CompareRun(oracle, actual[i]);
        }

        Assert.Equal(oracle.Steps.Count, actual.Count);
    }

    /// <summary>The beginning of a run is that of its first step, its end that of its last.</summary>
    internal static void CompareRun(OracleEngine oracle, RecordedStep actual) => CompareRun(oracle.Steps, actual);

    internal static void CompareRun(IReadOnlyList<OracleStep> steps, RecordedStep actual)
    {
        OracleStep step = steps[(int)actual.Number];
        OracleStep last = steps[(int)actual.LastNumber];
        RecordedStep expected = new(
            step.Start,
            step.DeviceEnd - step.Start,
            RecordingObserver.Text(step.Scheduled.Select(s => (s.Request, s.Tokens))),
            RecordingObserver.Text(step.Preempted),
            RecordingObserver.Text(step.Admitted.Select(a => (a.Request, a.HitTokens))),
            RecordingObserver.Text(step.Running),
            RecordingObserver.Text(step.Waiting),
            step.Running.Count,
            step.Waiting.Count,
            RecordingObserver.Text(step.Sampled),
            step.FreeBlocks)
        {
            Number = actual.Number,
            LastNumber = actual.LastNumber,
            LastContextTokens = last.Shape.DecodeContextTokens,
            Ended = last.Processed,
            Finished = RecordingObserver.Text(last.Finished),
            FreeBlocksAfter = last.FreeBlocksAfter,
        };
        Assert.Equal(expected, actual);
    }

    internal static void CompareRequest(OracleSequence expected, EndedRequest actual)
    {
        Assert.Equal(expected.IsRefused ? ClientOutcome.Refused : ClientOutcome.Completed, actual.Outcome);
        Assert.Equal(expected.FirstScheduledTime, actual.Attempt?.FirstScheduled?.Ticks);
        Assert.Equal(expected.FirstTokenTime, actual.Attempt?.FirstToken?.Ticks);
        Assert.Equal(expected.FinishTime, actual.Attempt?.Finished?.Ticks);
        Assert.Equal(expected.CachedTokens, actual.Attempt?.CachedTokens);
        Assert.Equal(expected.Preemptions, actual.Attempt?.Preemptions ?? 0);
        Assert.Equal(expected.OutputTokens, actual.Attempt?.GeneratedTokens ?? 0);
        Assert.Equal(
            !expected.IsRefused && expected.OutputTokens < expected.Request.MaxTokens,
            actual.Attempt?.EndedByModelLength ?? false);
    }
}
