using ServingSim.Experiments;
using ServingSim.Experiments.Accuracy;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Report;
using Xunit;

namespace ServingSim.Tests.Experiments.Accuracy;

/// <summary>Errors against measurements that the simulator made itself.</summary>
public sealed class AccuracyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("servingsim-accuracy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_log_of_the_simulator_itself_has_no_error()
    {
        AccuracyResult result = Run(MadeLog.Cases(), MadeLog.Of(200));
        CaseResult one = Assert.Single(result.Cases);
        Assert.Equal(
            ["ttft", "tpot", "e2el"],
            one.Figures.Select(f => ScoredFigures.MetricOf(f.Figure)).Distinct().SkipLast(1));
        Assert.Equal("output_throughput", one.Figures[^1].Figure);
        Assert.All(one.Figures, f => Assert.Equal(0, f.Error!.Value, 1e-9));
        Assert.Equal(200, one.Requests.Count);
        Assert.All(one.Requests, r => Assert.Equal(r.Measured.E2elMs!.Value, r.E2elMs!.Value, 1e-6));
    }

    [Fact]
    public void Latencies_that_were_measured_a_quarter_longer_are_predicted_a_fifth_too_short()
    {
        AccuracyResult result = Run(MadeLog.Cases(), MadeLog.Of(200, factor: 1.25));
        IEnumerable<ScoredFigure> latencies = result.Cases[0].Figures.SkipLast(1);
        Assert.Equal(12, latencies.Count());
        Assert.All(latencies, f => Assert.Equal(-0.2, f.Error!.Value, 1e-9));
        ErrorSummary summary = result.Summaries[0];
        Assert.Equal(("all", "mean_ttft_ms", 1, 0), (summary.Group, summary.Figure, summary.Cases, summary.Undefined));
        Assert.Equal(-0.2, summary.MedianError!.Value, 1e-9);
        Assert.Equal(0.2, summary.P90AbsoluteError!.Value, 1e-9);
    }

    [Fact]
    public void Requests_that_the_simulation_refuses_or_cuts_short_are_told()
    {
        string cases = MadeLog.Cases().Replace("max_model_len: 16384", "max_model_len: 1000");
        AccuracyResult result = Run(cases, "arrival_s,prompt_tokens,wanted,ttft_ms,e2el_ms\n"
            + "0,100,10,20,100\n1,1200,10,20,100\n2,990,50,20,400\n3,990,10,20,100\n");

        Assert.Equal([10L, 0, 10, 10], result.Cases[0].Requests.Select(r => r.OutputTokens));
        Assert.Equal(2, result.Cases[0].CutShort);
        const string Note = "replayed: of 4 requests 2 were refused or cut short in the simulation";
        Assert.Contains(Note, AccuracyTable.Text(result));
        Assert.Contains("- " + Note, AccuracyMarkdown.Text(result));
    }

    [Fact]
    public void The_first_requests_are_replayed_but_not_scored()
    {
        string[] log = MadeLog.Of(200).Split('\n');
        string[] cold = [log[0], .. log[1..51].Select(l => string.Join(',', [.. l.Split(',')[..3], "1", "1"]))];
        AccuracyResult result = Run(
            MadeLog.Cases(more: ", skip_first: 50"), string.Join('\n', [.. cold, .. log[51..]]));
        Assert.Equal(150, result.Cases[0].Requests.Count);
        Assert.All(result.Cases[0].Figures.SkipLast(1), f => Assert.Equal(0, f.Error!.Value, 1e-9));
    }

    [Fact]
    public void Every_row_of_a_table_that_matches_is_a_case()
    {
        string[] cases =
        [
            "schema: 1", "name: rows", "cases:",
            "- name: c${clients} at ${gpu}", "  group: ${gpu}",
            "  rows:", "    file: log.csv", "    where: { engine: ours, clients: { max: 8 } }",
            "    names: { gpu: { H100: h100-sxm } }",
            "  measured: { mean_ttft_ms: '${ttft}', p50_tpot_ms: '${1000 * tpot_s}', output_throughput: '${rate}' }",
            "  scenario:",
            "    requests: ${floor(10.1 * clients)}",
            "    workload:",
            "      source: { name: closed-loop, concurrency: '${clients}' }",
            "      prompt_tokens: { name: constant, tokens: 1000 }",
            "      output_tokens: { name: constant, tokens: 50 }",
            "    cluster:", "      pools:", "        main: { gpu: '${gpu}', model: llama-3.1-8b, latency: roofline }",
        ];
        AccuracyResult result = Run(
            string.Join('\n', cases),
            """
            engine,gpu,clients,ttft,tpot_s,rate
            ours,H100,4.0,100,0.01,
            other,H100,4.0,100,0.01,1
            ours,H100,8.0,,0.02,500
            ours,H100,16.0,100,0.01,1
            """);
        Assert.Equal(["c4 at h100-sxm", "c8 at h100-sxm"], result.Cases.Select(c => c.Case.Name));
        Assert.Equal(["log.csv:2", "log.csv:4"], result.Cases.Select(c => c.Case.Source));
        Assert.Equal([40L, 80L], result.Cases.Select(c => c.Case.Scenario.Scenario.Requests!.Value));
        Assert.Equal(
            [("mean_ttft_ms", 100), ("p50_tpot_ms", 10)],
            result.Cases[0].Figures.Select(f => (f.Figure, f.Measured)));
        Assert.Equal(
            [("p50_tpot_ms", 20), ("output_throughput", 500)],
            result.Cases[1].Figures.Select(f => (f.Figure, f.Measured)));
        Assert.All(result.Cases.SelectMany(c => c.Figures), f => Assert.NotNull(f.Error));
        Assert.Equal(["h100-sxm"], result.Summaries.Select(s => s.Group).Distinct());
    }

    [Fact]
    public void Numbers_that_stand_in_the_file_are_scored_and_several_files_make_one_result()
    {
        string one = Inline("fast", 1e6);
        string two = Inline("slow", 1e-6);
        AccuracyResult result = Run(one, "", Write("two.yaml", two));
        Assert.Equal("accuracy", result.Plan.Name);
        Assert.Equal(
            ["fast", "slow", AccuracyResult.Overall], result.Summaries.Select(s => s.Group).Distinct());
        Assert.True(result.Cases[0].Figures[0].Error < -0.9);
        Assert.True(result.Cases[1].Figures[0].Error > 1);
    }

    [Fact]
    public void A_file_that_is_given_twice_is_refused()
    {
        string path = Write("two.yaml", Inline("fast", 1e6));
        ScenarioException e = Assert.Throws<ScenarioException>(
            () => AccuracyPlan.Read([path, path], new AccuracyOptions(_folder, [], false), Catalog.Default));

        Assert.Contains("is given 2 times", e.Message);
    }

    [Theory]
    [InlineData("measured: { p99_ttft_ms: 0 }", "measured.p99_ttft_ms: found '0', expected a number above 0")]
    [InlineData("measured: { p99_tft_ms: 1 }", "unknown figure 'p99_tft_ms' (did you mean 'p99_ttft_ms'?)")]
    [InlineData("measured: { p99_ttft_ms: '${a}' }", "found ${a}, but there are no rows to take it from")]
    [InlineData("rows: { file: log.csv }, measured: { p99_ttft_ms: '${a}' }", "log.csv:1: has 2 columns 'b'")]
    [InlineData(
        "rows: { file: t.csv, names: { colour: { x: y } } }, measured: { p99_ttft_ms: '${a}' }",
        "rows.names.colour: t.csv has no such column; known: a, b")]
    [InlineData("rows: { file: t.csv }, measured: { p99_ttft_ms: '${b}' }", "t.csv:2 says nothing of any figure, expe")]
    [InlineData("rows: { file: t.csv, where: { a: 7 } }, measured: { p99_ttft_ms: 1 }", "none of the 1 rows of t.csv")]
    [InlineData("rows: { file: t.csv, where: { a: { mn: 7 } } }, measured: { p99_ttft_ms: 1 }", "where.a: found a map")]
    [InlineData("rows: { file: t.csv }, requests: { file: t.csv }", "requests: is given beside rows; expected one or ")]
    [InlineData("requests: { file: r.csv }", "r.csv:2: 'ttft_ms' is '0'; expected a number above 0")]
    [InlineData("requests: { file: r.csv }", "r.csv:3: 'ttft_ms' is '50'; expected no more than 'e2el_ms', 40")]
    [InlineData("requests: { file: r.csv, columns: { ttft: e2el_ms } }", "unknown column 'ttft'; known: arrival_s, pr")]
    public void What_is_wrong_with_a_case_is_told_once(string section, string message)
    {
        Write("t.csv", "a,b\n1,\n");
        Write("r.csv", "arrival_s,prompt_tokens,output_tokens,ttft_ms,e2el_ms\n0,9,2,0,40\n0,9,2,50,40\n");
        ScenarioException e = Assert.Throws<ScenarioException>(() => Run(
            "schema: 1\nname: wrong\ncases:\n- { name: one, " + section + " }\nscenario:\n"
                + MadeLog.Indented(MadeLog.Cluster),
            "a,b,b\n1,2,3\n"));

        Assert.Contains(message, e.Message);
        Assert.True(e.Errors.Count <= 2 && e.Errors.Distinct().Count() == e.Errors.Count, e.Message);
        Assert.DoesNotContain(": :", e.Message);
    }

    private static string Inline(string name, double ttftMs) =>
        $$"""
        schema: 1
        name: {{name}}
        cases:
          - name: {{name}}
            group: {{name}}
            measured: { p99_ttft_ms: {{ttftMs:0.######}} }
            scenario:
              requests: 20
              workload:
                source: { name: closed-loop, concurrency: 2 }
                prompt_tokens: { name: constant, tokens: 100 }
                output_tokens: { name: constant, tokens: 5 }
        {{MadeLog.Indented(MadeLog.Cluster)}}
        """;

    private AccuracyResult Run(string cases, string log, params string[] more)
    {
        Write("log.csv", log);
        AccuracyPlan plan = AccuracyPlan.Read(
            [Write("cases.yaml", cases), .. more], new AccuracyOptions(_folder, [], false), Catalog.Default);
        return AccuracyRun.Execute(plan, new ParallelRuns(2, default), () => { });
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(_folder, name), text);
        return Path.Combine(_folder, name);
    }
}
