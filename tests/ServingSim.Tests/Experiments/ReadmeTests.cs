using ServingSim.Experiments;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using ServingSim.Report;
using Xunit;

namespace ServingSim.Tests.Experiments;

/// <summary>What the README shows is what the program prints.</summary>
public sealed class ReadmeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servingsim-readme-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_table_of_the_quick_start_is_the_one_that_is_printed()
    {
        LoadedScenario quickstart = LoadedScenario.Read(
            Path.Combine(SharedData.Root, "configs", "scenarios", "quickstart.yaml"), [], Catalog.Default);
        RunResult result = ScenarioRunner.Run(quickstart, new RunOptions(_folder.FullName) { Audit = true });
        string table = SummaryTable.Text(result.Summary).Trim('\n');
        string readme = File.ReadAllText(Path.Combine(SharedData.Root, "README.md"));
        Assert.True(readme.Contains(table, StringComparison.Ordinal), $"the README should show\n{table}");
    }
}
