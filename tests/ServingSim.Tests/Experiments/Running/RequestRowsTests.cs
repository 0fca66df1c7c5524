using System.Globalization;
using System.Text.Json;
using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using ServingSim.Tests.Cli;
using ServingSim.Tests.Experiments.Results;
using Xunit;

namespace ServingSim.Tests.Experiments.Running;

/// <summary><c>outputs.requests</c>: rows of all requests, of a sample, or of none.</summary>
public sealed class RequestRowsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servingsim-rows-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>A scenario of the repository, and what is changed of it.</summary>
    public static TheoryData<string, string[]> Scenarios() => new()
    {
        { "quickstart", ["warmup=10s"] },
        {
            "two-services",
            ["report_by=[service, tenant]", "workload.source.parts.0.labels.tenant=a", "slo.ttft_ms=200"]
        },
        { "two-models", ["duration=2m", "stop=cut", "requests=~"] },
        { "saturated", ["duration=20s", "stop=cut", "warmup=2s"] },
        { "multi-turn", ["report_by=[session]", "requests=14", "warmup=0s"] },
        { "multi-turn", ["cluster.pools.main.engine.max_model_len=900"] },
        { "closed-loop", ["cluster.admission={ name: queue-caps, max_num_queued_reqs: 90 }"] },
    };

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void No_figure_depends_on_which_requests_have_rows_but_percentiles_within_their_error(
        string scenario, string[] settings)
    {
        RunResult all = Run(scenario, "all", settings);
        RunResult sample = Run(scenario, "sample", [.. settings, "outputs.sample_every=9"]);
        RunResult none = Run(scenario, "none", settings);
        SummaryComparison.AssertSameButSketched(all.Summary, sample.Summary);
        SummaryComparison.AssertSameButSketched(all.Summary, none.Summary);
        Assert.Equal(sample.Summary.Overall, none.Summary.Overall);
        Assert.Equal(Text("all", ResultFolder.TimeSeriesCsv), Text("none", ResultFolder.TimeSeriesCsv));
        Assert.Equal(all.Summary.Arrived, Rows("all").Length);
        Assert.Equal(
            Rows("all").Where(r => new RequestSelection(RequestRows.Sample, 9).Includes(ClientOf(r))), Rows("sample"));
        Assert.False(File.Exists(Path.Combine(_folder.FullName, "none", ResultFolder.RequestsCsv)));
    }

    [Fact]
    public void The_scenarios_compared_refuse_cut_and_warm_up_some_requests()
    {
        Summary[] all = [.. Scenarios().Select(s => Run((string)s[0], "none", (string[])s[1]).Summary)];
        Assert.Contains(all, s => s.Overall.Counts.Refused > 0);
        Assert.Contains(all, s => s.Overall.Counts.Unfinished > 0);
        Assert.Contains(all, s => s.Warmup.Completed > 0);
        Assert.Contains(all, s => s.Overall.Attainment < 1);
        Assert.Contains(all, s => s.ByLabel.Values.Any(values => values.Count > 1));
        Assert.Contains(all, s => s.ByPool.Count > 1);
    }

    [Fact]
    public void A_run_without_rows_removes_those_of_an_earlier_run_and_its_run_yaml_says_so()
    {
        Run("quickstart", "all", ["requests=20", "warmup=0s"], folder: "same");
        Run("quickstart", "none", ["requests=20", "warmup=0s"], folder: "same");
        Assert.False(File.Exists(Path.Combine(_folder.FullName, "same", ResultFolder.RequestsCsv)));
        Assert.Contains("requests: none", Text("same", ResultFolder.RunYaml));
        using JsonDocument summary = JsonDocument.Parse(Text("same", ResultFolder.SummaryJson));
        Assert.Equal("none", summary.RootElement.GetProperty("requests_csv").GetString());
    }

    [Theory]
    [InlineData("outputs.sample_every", "found 0, expected at least 1", "outputs.sample_every=0")]
    [InlineData("outputs.sample_every", "found 7, but nothing is sampled", "outputs.sample_every=7")]
    [InlineData("outputs.requests", "expected one of all, sample, none", "outputs.requests=some")]
    public void A_mistake_is_told(string key, string problem, params string[] settings)
    {
        string message = Assert.Throws<ScenarioException>(() => Run("quickstart", "all", settings)).Message;
        Assert.Contains(key, message);
        Assert.Contains(problem, message);
    }

    private static long ClientOf(string row) => long.Parse(row.Split(',')[0], CultureInfo.InvariantCulture);

    private string Text(string folder, string file) => File.ReadAllText(Path.Combine(_folder.FullName, folder, file));

    private string[] Rows(string folder) => Text(folder, ResultFolder.RequestsCsv).TrimEnd('\n').Split('\n')[1..];

    private RunResult Run(string scenario, string rows, string[] settings, string? folder = null)
    {
        LoadedScenario loaded = LoadedScenario.Read(
            CommandRun.Scenario(scenario), ["requests=1500", $"outputs.requests={rows}", .. settings], Catalog.Default);
        return ScenarioRunner.Run(loaded, new RunOptions(Path.Combine(_folder.FullName, folder ?? rows)));
    }
}
