using CsCheck;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster;
using ServingSim.Tests.Engine;
using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>
/// With a step in each stage of a pipeline the engine and the oracle, which keeps vLLM's queue of batches, do exactly
/// the same.
/// </summary>
public sealed class OraclePipelineTests
{
    [Fact]
    public void Pipelines_equal_the_oracle() =>
        OracleScenario.AnyPipeline.Sample(
            scenario => OracleComparisonTests.Compare(
                scenario, ClusterRun.Of(scenario), OracleComparisonTests.CompareSteps),
            iter: OracleComparisonTests.Iterations(20_000));

    [Fact]
    public void Pipelines_that_others_look_at_equal_the_oracle() =>
        Gen.Select(OracleScenario.AnyPipeline, Gen.Select(Gen.Long[0, 400], Gen.Enum<Phase>()).List[1, 60]).Sample(
            (scenario, moments) => OracleComparisonTests.Compare(
                scenario,
                ClusterRun.Of(scenario, new ContractTests.Settling(moments), maxRunSteps: int.MaxValue),
                OracleComparisonTests.CompareSteps),
            iter: OracleComparisonTests.Iterations(5_000));

    /// <summary>What is particular to pipelines happens, the luck being fixed.</summary>
    [Fact]
    public void The_random_pipelines_fill_their_stages_and_preempt_what_is_in_flight()
    {
        PCG luck = new(1, 7);
        int[] met = new int[6];
        for (int i = 0; i < 1000; i++)
        {
            OracleScenario scenario = OracleScenario.AnyPipeline.Generate(luck, null, out _);
            OracleEngine engine = OracleComparisonTests.OracleOf(scenario.Config, scenario.Latency, scenario.Requests);
            int stages = scenario.Config.Stages.Count;
            IReadOnlyList<OracleStep> steps = engine.Steps;
            Assert.DoesNotContain(steps, step => InFlight(steps, step).Count() > stages);
            Meet(0, steps.Any(step => InFlight(steps, step).Count() == stages));
            Meet(1, steps.Any(step => step.Scheduled.Count == 0));
            foreach (OracleStep step in steps)
            {
                List<OracleStep> others = [.. InFlight(steps, step).Where(other => other != step)];
                Meet(2, step.Preempted.Any(id => others.Exists(o => o.Sampled.Contains(id))));
                Meet(3, step.Preempted.Any(id => others.Exists(o => o.Finished.Contains(id))));
                Meet(4, step.Scheduled.Any(
                    part => others.Exists(o => o.Scheduled.Any(before => before.Request == part.Request))));
                Meet(5, step.Start < others.Select(o => o.Processed).DefaultIfEmpty().Min()
                    && step.Admitted.Count > 0);

                // Nothing goes on from a token that is not there
                Assert.DoesNotContain(
                    step.Sampled, id => others.Exists(o => o.Index < step.Index && o.Sampled.Contains(id)));
            }

            void Meet(int rule, bool isMet) => met[rule] += isMet ? 1 : 0;
        }

        Assert.All(met, count => Assert.True(count > 20, string.Join(' ', met)));
    }

    /// <summary>The steps that have not been processed when a step has been decided, itself included.</summary>
    private static IEnumerable<OracleStep> InFlight(IReadOnlyList<OracleStep> steps, OracleStep now) =>
        steps.Take(now.Index + 1).Where(step => step.Processed > now.Start);
}
