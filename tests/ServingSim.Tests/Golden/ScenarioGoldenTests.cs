using System.Text.Json;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Golden;

/// <summary>Every scenario of the repository, in a short form and with its laws checked.</summary>
public sealed class ScenarioGoldenTests : IDisposable
{
    private static readonly string[] Names =
    [
        .. Directory.EnumerateFiles(Path.Combine(SharedData.Root, "configs", "scenarios"), "*.yaml")
            .Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal),
    ];

    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    public static TheoryData<string> Scenarios() => [.. Names];

    /// <summary>
    /// What makes a scenario short; a trace scenario plays the sample of this repository, and one in which something
    /// breaks goes on until it does.
    /// </summary>
    private static string[] ShortForm(string name) =>
    [
        name is "crash" or "retry-storm" or "link-fault" ? "requests=45000" : "requests=6000",
        .. name.StartsWith("burstgpt-", StringComparison.Ordinal)
            ? [$"workload.source.path={CommandRun.Trace("sample-burstgpt.csv")}"]
            : Array.Empty<string>(),
    ];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_scenario_gives_its_golden_summary(string name)
    {
        Run(name);
        GoldenFile.Check(name + ".json", _cli.Text("out", "summary.json"));
    }

    [Fact]
    public void Saturated_preempts_and_its_steps_about_the_first_preemption_are_golden()
    {
        Run("saturated", "--steps");
        JsonElement overall = JsonDocument.Parse(_cli.Text("out", "summary.json")).RootElement.GetProperty("overall");
        Assert.True(overall.GetProperty("preemptions").GetInt32() > 0, "saturated preempts nothing in its short form");
        string[] rows = _cli.Text("out", "steps.csv").TrimEnd('\n').Split('\n');
        int preempted = Array.IndexOf(rows[0].Split(','), "preempted");
        int first = Array.FindIndex(rows, 1, row => row.Split(',')[preempted].Length > 0);
        GoldenFile.Check("saturated-steps.csv", string.Join('\n', [rows[0], .. rows[(first - 3)..(first + 7)]]) + '\n');
    }

    [Fact]
    public void Every_golden_file_belongs_to_a_scenario()
    {
        string folder = Path.Combine(SharedData.Root, "tests", "ServingSim.Tests", "Golden");
        IEnumerable<string> goldens =
            Directory.EnumerateFiles(folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!);
        Assert.Equal(Names, goldens.Order(StringComparer.Ordinal));
    }

    private void Run(string name, params string[] more)
    {
        int code = _cli.Run(
        [
            "run", CommandRun.Scenario(name), "--audit", "--quiet", "--out", _cli.In("out"), .. more,
            .. ShortForm(name).SelectMany(s => new[] { "--set", s }),
        ]);
        Assert.Equal((0, ""), (code, _cli.Error));
    }
}
