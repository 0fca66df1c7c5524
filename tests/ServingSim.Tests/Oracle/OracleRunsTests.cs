using CsCheck;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster;
using ServingSim.Tests.Engine;
using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>Runs of many steps in one event equal the oracle, which knows only steps.</summary>
public sealed class OracleRunsTests
{
    private static readonly Gen<int> AnyLimit = Gen.OneOf(Gen.Const(int.MaxValue), Gen.Int[2, 5]);

    [Fact]
    public void Runs_equal_the_oracle() =>
        Gen.Select(OracleScenario.AnyProfile, AnyLimit).Sample(
            (scenario, limit) => Compare(scenario, limit, null),
            iter: OracleComparisonTests.Iterations(20_000));

    /// <summary>Whoever looks at a replica splits its run.</summary>
    [Fact]
    public void Runs_split_anywhere_equal_the_oracle() =>
        Gen.Select(OracleScenario.AnyProfile, Gen.Select(Gen.Long[0, 400], Gen.Enum<Phase>()).List[1, 60]).Sample(
            (scenario, moments) => Compare(scenario, int.MaxValue, new ContractTests.Settling(moments)),
            iter: OracleComparisonTests.Iterations(10_000));

    /// <summary>What can be read at the end stands where it would, step by step.</summary>
    [Fact]
    public void Runs_cut_anywhere_show_the_same_as_steps() =>
        Gen.Select(OracleScenario.AnyProfile, Gen.Long[0, 400]).Sample(
            CompareCut, iter: OracleComparisonTests.Iterations(5_000));

    [Fact]
    public void Most_steps_of_the_random_scenarios_are_in_runs_of_many()
    {
        (long steps, long events) = StepsAndEvents(OracleScenario.AnyProfile);
        Assert.True(steps > 2 * events, $"{steps} steps in {events} runs");
    }

    /// <summary>Of a thousand scenarios, the luck being fixed.</summary>
    internal static (long Steps, long Events) StepsAndEvents(Gen<OracleScenario> any)
    {
        PCG luck = new(1, 5);
        (long steps, long events) = (0, 0);
        for (int i = 0; i < 1000; i++)
        {
            ClusterRun run = ClusterRun.Of(any.Generate(luck, null, out _), maxRunSteps: int.MaxValue);
            steps += run.Cluster.Replicas.Sum(r => r.Statistics.Steps);
            events += run.Cluster.Replicas.Sum(r => run.Observer.StepsOf(r).Count);
        }

        return (steps, events);
    }

    internal static void CompareCut(OracleScenario scenario, long tick)
    {
        ClusterRun steps = ClusterRun.Of(scenario, end: new SimTime(tick));
        ClusterRun runs = ClusterRun.Of(scenario, end: new SimTime(tick), maxRunSteps: int.MaxValue);
        Assert.Equal(OpenIn(steps), OpenIn(runs));
        Assert.Equal(steps.Observer.Gaps, runs.Observer.Gaps);
        Assert.Equal(steps.Cluster.Replicas.Select(OracleTotals.Of), runs.Cluster.Replicas.Select(OracleTotals.Of));
    }

    private static IEnumerable<(string, long, int, int)> OpenIn(ClusterRun run) => run.Cluster.Open().Select(open => (
        open.Replica!.Name,
        open.Client.Id,
        open.Attempt!.ComputedTokens,
        open.Replica.TokensReceivedBy(open.Attempt)));

    private static void Compare(OracleScenario scenario, int maxRunSteps, IRunWatcher? watcher) =>
        OracleComparisonTests.Compare(
            scenario,
            ClusterRun.Of(scenario, watcher, maxRunSteps: maxRunSteps),
            CompareRuns);

    /// <summary>Every run follows the one before, and holds what the oracle's steps hold.</summary>
    internal static void CompareRuns(OracleEngine oracle, IReadOnlyList<RecordedStep> runs)
    {
        long next = 0;
        foreach (RecordedStep run in runs)
        {
            Assert.Equal(next, run.Number);
            OracleComparisonTests.CompareRun(oracle, run);
            next = run.LastNumber + 1;
        }

        Assert.Equal(oracle.Steps.Count, next);
    }
}
