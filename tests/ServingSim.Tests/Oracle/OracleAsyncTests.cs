using CsCheck;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster;
using ServingSim.Tests.Engine;
using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>
/// With two steps in flight the engine and the oracle, which keeps vLLM's placeholders and two batches in a queue, do
/// exactly the same.
/// </summary>
public sealed class OracleAsyncTests
{
    [Fact]
    public void Asynchronous_scheduling_equals_the_oracle() =>
        OracleScenario.AnyAsync.Sample(
            scenario => OracleComparisonTests.Compare(
                scenario, ClusterRun.Of(scenario), OracleComparisonTests.CompareSteps),
            iter: OracleComparisonTests.Iterations(10_000));

    [Fact]
    public void Asynchronous_runs_equal_the_oracle() =>
        Gen.Select(OracleScenario.AnyAsync, Gen.OneOf(Gen.Const(int.MaxValue), Gen.Int[2, 5])).Sample(
            (scenario, limit) => OracleComparisonTests.Compare(
                scenario, ClusterRun.Of(scenario, maxRunSteps: limit), CompareRuns),
            iter: OracleComparisonTests.Iterations(10_000));

    [Fact]
    public void Asynchronous_runs_split_anywhere_equal_the_oracle() =>
        Gen.Select(OracleScenario.AnyAsync, Gen.Select(Gen.Long[0, 400], Gen.Enum<Phase>()).List[1, 60]).Sample(
            (scenario, moments) => OracleComparisonTests.Compare(
                scenario,
                ClusterRun.Of(scenario, new ContractTests.Settling(moments), maxRunSteps: int.MaxValue),
                CompareRuns),
            iter: OracleComparisonTests.Iterations(10_000));

    [Fact]
    public void Asynchronous_runs_cut_anywhere_show_the_same_as_steps() =>
        Gen.Select(OracleScenario.AnyAsync, Gen.Long[0, 400]).Sample(
            OracleRunsTests.CompareCut, iter: OracleComparisonTests.Iterations(5_000));

    [Fact]
    public void Many_asynchronous_steps_of_the_random_scenarios_are_in_runs_of_many()
    {
        (long steps, long events) = OracleRunsTests.StepsAndEvents(OracleScenario.AnyAsync);
        Assert.True(2 * steps > 3 * events, $"{steps} steps in {events} runs");
    }

    /// <summary>
    /// A run lasts from the plan that begins it to the end of the step that ends it, and runs overlap.
    /// </summary>
    internal static void CompareRuns(OracleEngine oracle, IReadOnlyList<RecordedStep> runs)
    {
        (long begun, long ended) = (-1, -1);
        foreach (RecordedStep run in runs)
        {
            Assert.True(run.Number > begun && run.LastNumber > ended, $"{run} after {begun}, {ended}");
            OracleComparisonTests.CompareRun(oracle, run);
            (begun, ended) = (run.Number, run.LastNumber);
        }

        Assert.Equal(oracle.Steps.Count - 1, ended);
    }
}
