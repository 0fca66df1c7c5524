using System.Text.Json.Nodes;
using ServingSim.Experiments;
using ServingSim.Experiments.Accuracy;
using ServingSim.Tests.Experiments.Accuracy;
using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary>The command <c>accuracy</c>.</summary>
public sealed class AccuracyCommandTests : IDisposable
{
    private static readonly string Log = MadeLog.Of(60, factor: 1.25);
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void It_writes_the_same_bytes_however_many_run_at_a_time()
    {
        string cases = Cases(MadeLog.Cases());
        string[] files =
            ["accuracy.csv", "accuracy.json", "accuracy.md", "accuracy.png", "requests.csv", "summaries.csv"];
        Assert.Equal((0, ""), (_cli.Run("accuracy", cases, "--jobs", "1", "--out", _cli.In("one")), _cli.Error));
        string table = _cli.Output.Split("results in")[0];
        Assert.Equal(0, _cli.Run("accuracy", cases, "--jobs", "4", "--out", _cli.In("four")));
        Assert.Equal(table, _cli.Output.Split("results in")[0]);
        Assert.Equal(files, _cli.FilesOf("one"));
        Assert.All(files, name => Assert.Equal(_cli.Bytes("one", name), _cli.Bytes("four", name)));
        Assert.All(table.Split('\n'), line => Assert.True(line.Length <= 100, line));
        Assert.Contains("-20.0 %", table);
        Assert.Contains("step times of 1 case: roofline from the data sheet", table);
        Assert.Contains(
            "| all | mean_ttft_ms | 1 | -20.0 % | 20.0 % | 20.0 % | 20.0 % |", _cli.Text("one", "accuracy.md"));
        Assert.Equal(61, _cli.Text("one", "requests.csv").Split('\n').Length - 1);
        Assert.StartsWith(
            "group,case,source,figure,metric,statistic,measured,predicted,error,in_sample,step_times\n"
            + "all,replayed,log.csv,mean_ttft_ms,ttft,mean,", _cli.Text("one", "accuracy.csv"));
    }

    [Fact]
    public void Json_is_printed_in_place_of_tables_and_nothing_with_quiet()
    {
        string cases = Cases(MadeLog.Cases());
        Assert.Equal(0, _cli.Run("accuracy", cases, "--json", "--out", _cli.In("out")));
        Assert.Equal(_cli.Text("out", "accuracy.json"), _cli.Output);
        JsonNode json = JsonNode.Parse(_cli.Output)!;
        Assert.Equal("made", json["name"]!.GetValue<string>());
        Assert.Equal(
            -0.2, json["cases"]![0]!["figures"]!["p99_e2el_ms"]!["error"]!.GetValue<double>(), 1e-9);
        Assert.Equal(0, _cli.Run("accuracy", cases, "--quiet", "--out", _cli.In("out")));
        Assert.Equal("", _cli.Output);
    }

    [Fact]
    public void Overrides_and_the_folder_of_the_data_are_those_of_the_command_line()
    {
        Directory.CreateDirectory(_cli.In("data"));
        _cli.File("data/log.csv", Log);
        string cases = _cli.File("cases.yaml", MadeLog.Cases());
        Assert.Equal(2, _cli.Run("accuracy", cases, "--out", _cli.In("out")));
        Assert.Contains("cases.yaml:5: log.csv: no such file", _cli.Error);
        Assert.Equal(0, _cli.Run(
            "accuracy", cases, "--data", _cli.In("data"), "--set",
            "cluster.pools.main.latency={name: constant, step_ms: 1}", "--out", _cli.In("out")));
        Assert.DoesNotContain("-20.0 %", _cli.Output);
    }

    [Fact]
    public void What_a_latency_file_was_fitted_on_is_marked_in_every_table()
    {
        _cli.File("fit.yaml", InSampleTests.LatencyFile("covers: [the-run]"));
        string cases = Cases(InSampleTests.Fitted(MadeLog.Cases()));
        Assert.Equal(2, _cli.Run("accuracy", cases, "--out", _cli.In("out")));
        Assert.Contains("cases.yaml:4: case replayed: the latency model was fitted on data of the-run", _cli.Error);
        Assert.Equal(0, _cli.Run("accuracy", cases, "--in-sample", "--out", _cli.In("out")));
        Assert.Contains("replayed *", _cli.Output);
        Assert.Contains("* the latency model was fitted on this: no prediction", _cli.Output);
        Assert.Contains("| all | replayed * | mean_ttft_ms |", _cli.Text("out", "accuracy.md"));
        Assert.Contains("| all | mean_ttft_ms | 1, 1 * |", _cli.Text("out", "accuracy.md"));
        Assert.Contains(
            ",fitted on data of the-run,\"constant, h100-sxm, vLLM 0.15.1", _cli.Text("out", "accuracy.csv"));
        Assert.Contains("all,mean_ttft_ms,1,1,0,", _cli.Text("out", "summaries.csv"));
    }

    [Theory]
    [InlineData("schema: found 2, expected 1", "schema: 1", "schema: 2")]
    [InlineData("name: found 'a/b'", "name: made", "name: a/b")]
    [InlineData("unknown key 'colums' (did you mean 'columns'?)", "columns:", "colums:")]
    [InlineData(
        "cases.yaml:5: requests.columns: log.csv has no column 'output' for output_tokens", "wanted", "output")]
    [InlineData("requests.columns: unknown column 'outputs_tokens'", "output_tokens:", "outputs_tokens:")]
    [InlineData("requests.skip_first: leaves none of the 60 requests", "wanted }", "wanted }, skip_first: 60")]
    [InlineData("pools.main.gpu: found 'h100-sxl', expected a name in configs/gpus", "h100-sxm", "h100-sxl")]
    [InlineData("found ${model}, but there are no rows to take it from", "model: llama-3.1-8b", "model: '${model}'")]
    public void What_is_wrong_with_cases_is_told(string message, string written, string instead)
    {
        Assert.Contains(written, MadeLog.Cases());
        AssertRefused(message, MadeLog.Cases().Replace(written, instead));
    }

    [Theory]
    [InlineData("measured: unknown figure 'p98_ttft_ms' (did you mean", "measured: { p98_ttft_ms: 1 }")]
    [InlineData("measured.p90_ttft_ms: found '-1', expected a number above 0", "measured: { p90_ttft_ms: -1 }")]
    [InlineData("measured: found no figure, expected at least one, or requests", "group: some")]
    [InlineData(
        "rows: none of the 60 rows of log.csv matches",
        "measured: { duration: 1 }|rows: { file: log.csv, where: { wanted: -5 } }")]
    [InlineData(
        "where.size: log.csv has no column 'size'",
        "measured: { duration: 1 }|rows: { file: log.csv, where: { size: 5 } }")]
    [InlineData(
        "where.wanted: found a mapping, expected a value, a list of values",
        "measured: { duration: 1 }|rows: { file: log.csv, where: { wanted: { most: 1 } } }")]
    [InlineData(
        "log.csv has no column 'thing'", "measured: { duration: '${thing}' }|rows: { file: log.csv }")]
    [InlineData(
        "'name' is 'made', expected a number",
        "measured: { duration: '${2 * name}' }|rows: { file: names.csv }")]
    [InlineData(
        "rows.names has nothing for wanted",
        "measured: { duration: '${wanted}' }|rows: { file: log.csv, names: { wanted: { none: 1 } } }")]
    [InlineData(
        "requests: is given beside rows",
        "measured: { duration: 1 }|rows: { file: log.csv }|requests: { file: log.csv }")]
    public void What_is_wrong_with_a_case_is_told(string message, string keys)
    {
        _cli.File("names.csv", "name\nmade\n");
        string[] lines = MadeLog.Cases().Split('\n');
        lines[4] = string.Join('\n', keys.Split('|').Select(key => "    " + key));
        AssertRefused(message, string.Join('\n', lines));
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once_with_its_line()
    {
        string cases = MadeLog.Cases()
            .Replace("h100-sxm", "none").Replace("roofline", "nothing").Replace("wanted", "size");
        Assert.Equal(2, _cli.Run("accuracy", Cases(cases), "--out", _cli.In("out")));
        Assert.Contains("cases.yaml:5: requests.columns: log.csv has no column 'size'", _cli.Error);
        Assert.Equal(2, _cli.Run("accuracy", Cases(cases.Replace("size", "wanted")), "--out", _cli.In("out")));
        Assert.Equal(2, _cli.Error.Split("cases.yaml:9: cluster.pools.main.").Length - 1);
    }

    [Fact]
    public void A_field_that_is_no_number_is_told_with_its_line()
    {
        string[] lines = Log.Split('\n');
        lines[2] = lines[2][..lines[2].LastIndexOf(',')] + ",soon";
        _cli.File("log.csv", string.Join('\n', lines));
        Assert.Equal(2, _cli.Run("accuracy", _cli.File("cases.yaml", MadeLog.Cases()), "--out", _cli.In("out")));
        Assert.Contains("log.csv:3: 'e2el_ms' is 'soon'; expected a number above 0", _cli.Error);
    }

    [SharedDataFact("measured/endtoend/B_silicon_aic_dev.csv")]
    public void The_cases_that_come_with_it_are_understood()
    {
        string[] files = Directory.GetFiles(Path.Combine(SharedData.Root, "configs", "accuracy"), "*.yaml");
        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            string name = Path.GetFileNameWithoutExtension(file);
            AccuracyPlan plan = AccuracyPlan.Read(
                [file], new AccuracyOptions(DataOf(name), [], true), Catalog.Default);
            Assert.Equal(name, plan.Name);
            Assert.NotEmpty(plan.Cases);
        });
    }

    [SharedDataFact("measured/endtoend/B_silicon_aic_dev.csv")]
    public void The_silicon_cases_are_the_aggregated_rows_of_vllm_by_family()
    {
        string file = Path.Combine(SharedData.Root, "configs", "accuracy", "silicon-vllm.yaml");
        AccuracyPlan plan = AccuracyPlan.Read([file], new AccuracyOptions(DataOf(""), [], false), Catalog.Default);
        Assert.Equal(
            [
                ("minimax-m2.5 h100-sxm", 10), ("minimax-m2.5 h200-sxm", 34), ("minimax-m2.5 b200-sxm", 54),
                ("qwen3-235b-a22b-fp8 h200-sxm", 12), ("llama-3.1-8b-fp8 h200-sxm", 6),
                ("minimax-m2.5-nvfp4 b200-sxm", 19), ("kimi-k2.5-nvfp4 b200-sxm", 19),
                ("kimi-k2.5 b200-sxm", 10), ("kimi-k2.5 h200-sxm", 15),
            ],
            plan.Cases.CountBy(c => c.Group).Select(g => (g.Key, g.Value)));
        Assert.Equal(plan.Cases.Count, plan.Cases.Select(c => c.Source).Distinct().Count());
    }

    /// <summary>Where the measurements of a file of cases are; those that a script prepares are made here.</summary>
    private string DataOf(string name)
    {
        if (name != "vllm-burstgpt")
        {
            return SharedData.Find("")!;
        }

        foreach (int scale in new[] { 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1500, 2000 })
        {
            _cli.File($"scale-{scale}.csv", Log.Replace("wanted", "output_tokens"));
        }

        return _cli.Folder;
    }

    private void AssertRefused(string message, string cases)
    {
        Assert.Equal(2, _cli.Run("accuracy", Cases(cases), "--out", _cli.In("out")));
        Assert.Contains(message, _cli.Error);
        Assert.Empty(_cli.FilesOf("out"));
    }

    private string Cases(string text)
    {
        _cli.File("log.csv", Log);
        return _cli.File("cases.yaml", text);
    }
}
