using System.Text.Json;
using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Cli;

public sealed class CommandTests : IDisposable
{
    private static readonly string[] Always = ["requests.csv", "run.yaml", "summary.json", "timeseries.csv"];
    private static readonly string Quickstart = CommandRun.Scenario("quickstart");

    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    /// <summary>Runs a short quickstart into a folder.</summary>
    private void Quick(string folder, params string[] more)
    {
        int code = _cli.Run(
            ["run", Quickstart, "--set", "warmup=1s", "--set", "requests=300", "--out", _cli.In(folder), .. more]);
        Assert.Equal((0, ""), (code, _cli.Error));
    }

    [Fact]
    public void A_run_writes_four_files_prints_a_table_and_says_where_they_are()
    {
        Quick("out");
        Assert.Equal(Always, _cli.FilesOf("out"));
        Assert.Contains("time to first token", _cli.Output);
        Assert.EndsWith($"results in {_cli.In("out")}{Environment.NewLine}", _cli.Output);
        Assert.Equal(301, File.ReadLines(Path.Combine(_cli.In("out"), "requests.csv")).Count());
    }

    [Fact]
    public void Steps_and_plot_are_written_only_where_asked_and_go_with_the_next_run()
    {
        Quick("out", "--steps", "--plot");
        Assert.Equal(["requests.csv", "run.yaml", "steps.csv", "summary.json", "timeseries.csv", "timeseries.png"],
            _cli.FilesOf("out"));
        Assert.Equal("\x89PNG"u8[^3..].ToArray(), _cli.Bytes("out", "timeseries.png")[1..4]);
        long steps = File.ReadLines(Path.Combine(_cli.In("out"), "steps.csv")).Count() - 1;
        Assert.Equal(steps, Summary("out").GetProperty("overall").GetProperty("steps").GetInt64());
        Quick("out");
        Assert.Equal(Always, _cli.FilesOf("out"));
    }

    [Fact]
    public void Json_prints_exactly_the_summary_and_quiet_prints_nothing()
    {
        Quick("json", "--json");
        Assert.Equal(_cli.Text("json", "summary.json"), _cli.Output);
        Quick("quiet", "--quiet");
        Assert.Empty(_cli.Output);
    }

    [Fact]
    public void The_same_scenario_and_seed_give_the_same_bytes_audited_or_not()
    {
        Quick("a", "--steps", "--plot");
        Quick("b", "--steps", "--plot", "--audit");
        AssertSame("a", "b", _cli.FilesOf("a"));
    }

    [Fact]
    public void Another_seed_gives_other_results_and_says_so()
    {
        Quick("a");
        Quick("b", "--seed", "2");
        Assert.NotEqual(_cli.Bytes("a", "requests.csv"), _cli.Bytes("b", "requests.csv"));
        Assert.Contains("\nseed: 2\n", _cli.Text("b", "run.yaml"));
        Assert.Equal(2, Summary("b").GetProperty("seed").GetInt32());
        Quick("c", "--set", "seed=2");
        AssertSame("b", "c", Always);
    }

    [Fact]
    public void A_setting_overrides_the_file_and_the_last_one_wins()
    {
        Quick("a", "--set", "cluster.pools.main.replicas=3", "--set", "cluster.pools.main.replicas=1");
        Assert.Contains("      replicas: 1\n", _cli.Text("a", "run.yaml"));
        string[] rows = _cli.Text("a", "requests.csv").TrimEnd('\n').Split('\n')[1..];
        Assert.All(rows, row => Assert.Contains(",main/0,", row));
    }

    [Theory]
    [InlineData("quickstart", "warmup=2s", "requests=400")]
    [InlineData("saturated", "warmup=0s", "requests=200")]
    [InlineData("burstgpt-week", "workload.source.path={trace}", "report_by=[log_type]")]
    [InlineData("burstgpt-busy", "workload.source.path={trace}", "warmup=2s")]
    public void The_written_scenario_runs_again_to_the_same_bytes(string name, string first, string second)
    {
        string Filled(string setting) => setting.Replace("{trace}", CommandRun.Trace("sample-burstgpt.csv"));
        Assert.Equal(0, _cli.Run(
            "run", CommandRun.Scenario(name), "--set", Filled(first), "--set", Filled(second), "--out", _cli.In("a")));
        Assert.Equal(0, _cli.Run("run", Path.Combine(_cli.In("a"), "run.yaml"), "--out", _cli.In("b")));
        AssertSame("a", "b", Always);
    }

    [Fact]
    public void A_cancelled_run_leaves_nothing_behind()
    {
        _cli.Interrupt();
        Assert.Equal(130, _cli.Run("run", Quickstart, "--steps", "--out", _cli.In("out")));
        Assert.Equal("interrupted; earlier results are as they were" + Environment.NewLine, _cli.Error);
        Assert.Empty(_cli.Output);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cli.Folder));
    }

    [Fact]
    public void A_cancelled_run_leaves_earlier_results_as_they_were()
    {
        Quick("out", "--steps");
        byte[][] before = [.. _cli.FilesOf("out").Select(f => _cli.Bytes("out", f))];
        _cli.Interrupt();
        Assert.Equal(130, _cli.Run("run", Quickstart, "--out", _cli.In("out")));
        Assert.Equal(before, _cli.FilesOf("out").Select(f => _cli.Bytes("out", f)));
    }

    [Fact]
    public void List_tells_every_kind_every_part_and_every_option()
    {
        Assert.Equal(0, _cli.Run("list"));
        string[] lines = _cli.Output.Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 100));
        foreach (IPartKind kind in Catalog.Default.PartKinds)
        {
            Assert.Contains(kind.Name, lines);
            foreach (IPart part in kind.Parts)
            {
                Assert.Contains(lines, l => l.Trim() == $"{part.Name,-20} {part.Summary}");
                Assert.All(
                    OptionInfo.Of(part.OptionsType, Catalog.Default),
                    option => Assert.Contains(lines, l => l.Split(": ")[0] == "      " + option.Name));
            }
        }

        Assert.All(["configs/models", "configs/gpus", "configs/lengths"], folder => Assert.Contains(folder, lines));
        Assert.Contains("llama-3.1-8b", _cli.Output);
    }

    [Theory]
    [InlineData("eviction", "eviction policy")]
    [InlineData("eviction-policy", "eviction policy")]
    [InlineData("router", "router")]
    [InlineData("latency-model", "latency model")]
    [InlineData("models", "configs/models")]
    public void List_of_a_kind_tells_that_kind_alone(string kind, string heading)
    {
        Assert.Equal(0, _cli.Run("list", kind));
        Assert.Equal(heading, Assert.Single(_cli.Output.Split('\n'), l => l.Length > 0 && l[0] != ' '));
    }

    [Fact]
    public void An_unknown_kind_is_named_with_those_known()
    {
        Assert.Equal(2, _cli.Run("list", "engines"));
        Assert.StartsWith("there is no kind 'engines'; known: workload, arrival-process, ", _cli.Error);
        Assert.Empty(_cli.Output);
    }

    [Fact]
    public void Validate_explains_a_scenario_writes_nothing_and_its_output_runs_to_the_same_bytes()
    {
        string[] settings = ["--set", "requests=200", "--set", "warmup=1s", "--seed", "3"];
        Assert.Equal((0, ""), (_cli.Run(["validate", Quickstart, .. settings]), _cli.Error));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cli.Folder));
        Assert.Contains("28,316 KV blocks of 16 = 453,040 tokens", _cli.Output);
        string explained = _cli.File("explained.yaml", _cli.Output);
        Assert.Equal(0, _cli.Run("run", explained, "--out", _cli.In("a")));
        Assert.Equal(0, _cli.Run(["run", Quickstart, .. settings, "--out", _cli.In("b")]));
        AssertSame("a", "b", Always);
    }

    [Fact]
    public void Trace_info_tells_rows_failures_and_classes()
    {
        Assert.Equal((0, ""), (_cli.Run("trace", "info", CommandRun.Trace("sample-burstgpt.csv")), _cli.Error));
        int rows = File.ReadLines(CommandRun.Trace("sample-burstgpt.csv")).Count() - 1;
        Assert.Contains(rows.ToString(), _cli.Output);
        Assert.All(["ChatGPT", "GPT-4", "Conversation log"], name => Assert.Contains(name, _cli.Output));
    }

    private JsonElement Summary(string folder) =>
        JsonDocument.Parse(_cli.Bytes(folder, "summary.json")).RootElement;

    private void AssertSame(string folder, string other, string[] names)
    {
        Assert.Equal(_cli.FilesOf(folder), _cli.FilesOf(other));
        Assert.All(names, name => Assert.True(
            _cli.Bytes(folder, name).AsSpan().SequenceEqual(_cli.Bytes(other, name)), $"{name} differs"));
    }
}
