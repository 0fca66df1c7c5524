using ServingSim.Experiments;
using ServingSim.Experiments.Accuracy;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Accuracy;

/// <summary>A latency file is not scored on what it was fitted on, unless that is asked for.</summary>
public sealed class InSampleTests : IDisposable
{
    private static readonly string Log = MadeLog.Of(20);
    private readonly string _folder = Directory.CreateTempSubdirectory("servingsim-in-sample-").FullName;

    public InSampleTests() => Write("log.csv", Log);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_model_fitted_on_other_rows_is_scored()
    {
        string row = MeasuredTable.HashOf("1,2,3,4,5");
        Assert.Null(Read($"fitted_on: [{{ file: other.csv, sha256: 00, rows: 1, row_hashes: ['{row}'] }}]").InSample);
        Assert.Null(Read("fitted_on: [{ file: other.csv, sha256: 00, rows: 9000 }]").InSample);
        Assert.Null(Read("covers: [another-run]").InSample);
    }

    [Fact]
    public void Rows_that_a_model_was_fitted_on_are_refused_or_marked()
    {
        const string Reason = "fitted on 2 of these rows, in log.csv";
        string fit = FittedOn(Log.Split('\n')[3..5]);
        ScenarioException refused = Assert.Throws<ScenarioException>(() => Read(fit));
        Assert.EndsWith(
            $":4: case replayed: the latency model was {Reason}; expected another, or --in-sample", refused.Message);
        Assert.Equal(Reason, Read(fit, mayBeInSample: true).InSample);
    }

    [Fact]
    public void Rows_that_are_not_scored_may_have_been_fitted_on()
    {
        string fit = FittedOn(Log.Split('\n')[1..6]);
        Assert.Throws<ScenarioException>(() => Read(fit, skipFirst: 4));
        Assert.Null(Read(fit, skipFirst: 5).InSample);
    }

    [Fact]
    public void A_whole_file_and_a_run_that_are_named_are_known_too()
    {
        string sha = MeasuredTable.Read(new FilePath(Path.Combine(_folder, "log.csv"), "log.csv")).Sha256;
        string whole = $"fitted_on: [{{ file: log.csv, sha256: '{sha}', rows: 20 }}]";
        Assert.Throws<ScenarioException>(() => Read(whole));
        Assert.Equal("fitted on log.csv", Read(whole, mayBeInSample: true).InSample);
        string some = whole.Replace("rows: 20", "rows: 9000, row_hashes: ['000000000000']");
        Assert.Equal("fitted on log.csv", Read(some, mayBeInSample: true).InSample);
        Assert.Throws<ScenarioException>(() => Read("covers: [other, the-run]"));
        Assert.Equal("fitted on data of the-run", Read("covers: [the-run]", mayBeInSample: true).InSample);
    }

    [Fact]
    public void A_part_or_a_copy_of_a_file_is_known_by_the_rows_that_are_listed()
    {
        string fit = FittedOn(Log.Split('\n')[3..5]).Replace("rows: 2", "rows: 9000");
        Assert.Throws<ScenarioException>(() => Read(fit));
        Assert.Equal("fitted on at least 2 of these rows, in log.csv", Read(fit, mayBeInSample: true).InSample);
    }

    /// <summary>The usual host and step are those of measured runs too.</summary>
    [Theory]
    [InlineData("llama/output/_400__1_200", "roofline", "", true)]
    [InlineData("llama/output/_400__1_200", "roofline", "{ ms_per_step: 1 }", true)]
    [InlineData("llama/output/_400__1_200", "roofline", "{ ms_per_step: 1, us_per_sequence: 2 }", false)]
    [InlineData("llama/output/_400__1_200", "{ name: constant, step_ms: 1 }", "", false)]
    [InlineData("llama/input/_400__200_1", "roofline", "", false)]
    [InlineData("18-llama-3-1-8b-tp1-codegen-1#stage0", "roofline", "", true)]
    [InlineData("llama-2-70b-hf-tp4-codegen#stage1", "roofline", "", true)]
    [InlineData("18-llama-3-1-8b-tp1-codegen-1#stage0", "{ name: roofline, step_us: 100 }", "", false)]
    public void Numbers_that_nobody_states_know_the_runs_that_they_come_from(
        string run, string latency, string host, bool isKnown)
    {
        string cases = Write("cases.yaml", Fitted(MadeLog.Cases()).Replace("the-run", $"'{run}'"));
        string[] hosts = host.Length == 0 ? [] : [$"cluster.pools.main.host={host}"];
        string[] settings = [$"cluster.pools.main.latency={latency}", .. hosts];
        Write("fit.yaml", LatencyFile(""));
        AccuracyCase one = Assert.Single(
            AccuracyPlan.Read([cases], new AccuracyOptions(null, settings, true), Catalog.Default).Cases);

        Assert.Equal(isKnown ? $"fitted on data of {run}" : null, one.InSample);
    }

    private static string FittedOn(string[] lines)
    {
        string hashes = string.Join(", ", lines.Select(line => $"'{MeasuredTable.HashOf(line)}'"));
        return $"fitted_on: [{{ file: log.csv, sha256: 00, rows: {lines.Length}, row_hashes: [{hashes}] }}]";
    }

    /// <summary>A latency file that tells what it was fitted on.</summary>
    internal static string LatencyFile(string fit) =>
        $$"""
        schema: 1
        latency: { name: constant, step_ms: 1 }
        gpu: h100-sxm
        engine: vLLM
        version: 0.15.1
        source: made up
        licence: none
        {{fit}}
        """;

    /// <summary>Cases of the run "the-run" with the latency file fit.yaml.</summary>
    internal static string Fitted(string cases) =>
        cases.Replace("roofline", "fit.yaml").Replace("    requests", "    runs: [the-run]\n    requests");

    private AccuracyCase Read(string fit, bool mayBeInSample = false, int skipFirst = 0)
    {
        Write("fit.yaml", LatencyFile(fit));
        string cases = Write("cases.yaml", Fitted(MadeLog.Cases(more: $", skip_first: {skipFirst}")));
        return Assert.Single(
            AccuracyPlan.Read([cases], new AccuracyOptions(null, [], mayBeInSample), Catalog.Default).Cases);
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(_folder, name), text);
        return Path.Combine(_folder, name);
    }
}
