using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Running;

public sealed class ItlClassesTests : IDisposable
{
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Gaps_of_a_value_without_text_are_not_those_of_requests_without_the_label()
    {
        const string Part = "source: synthetic, arrivals: { name: constant, rate_per_s: 5 }, "
            + "prompt_tokens: { name: constant, tokens: 9 }, output_tokens: { name: constant, tokens: 3 }";
        string workload = $$"""{ source: { name: mix, parts: [{ {{Part}}, labels: { a: "" } }, { {{Part}} }] } }""";
        Summary summary = ScenarioRunner.Run(
            LoadedScenario.Read(
                CommandRun.Scenario("quickstart"),
                [$"workload={workload}", "report_by=[a]", "duration=10s", "warmup=0s"],
                Catalog.Default),
            new RunOptions(_cli.In("out"))).Summary;
        Assert.Equal(["", Summary.None], summary.ByLabel["a"].Keys);
        Assert.All(summary.ByLabel["a"].Values, block => Assert.NotNull(block.Itl));
    }
}
