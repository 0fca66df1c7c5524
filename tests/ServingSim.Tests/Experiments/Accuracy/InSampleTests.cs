using ServingSim.Experiments;
using ServingSim.Experiments.Accuracy;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Accuracy;

/// <summary>A latency model is not scored on what it was fitted on, unless that is asked for.</summary>
public sealed class InSampleTests : IDisposable
{
    private static readonly string Log = MadeLog.Of(20);
    private readonly string _folder = Directory.CreateTempSubdirectory("servingsim-in-sample-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_model_fitted_on_other_rows_is_scored()
    {
        string row = MeasuredTable.HashOf("1,2,3,4,5");
        Assert.Null(Assert.Single(Read([new FittedRows("other.csv", "0", 1, [row])], false)).InSample);
        Assert.Null(Assert.Single(Read([new FittedRows("other.csv", "0", 1, [])], false)).InSample);
    }

    [Fact]
    public void Rows_that_a_model_was_fitted_on_are_refused_or_marked()
    {
        string[] lines = Log.Split('\n');
        FittedRows[] rows = [new("log.csv", "0", 2, [.. lines[3..5].Select(MeasuredTable.HashOf)])];
        const string Reason = "fitted on 2 of these rows, in log.csv";
        ScenarioException refused = Assert.Throws<ScenarioException>(() => Read(rows, false));
        Assert.Contains(
            $":4: case replayed: the latency model was {Reason}; expected another, or --in-sample", refused.Message);
        Assert.Equal(Reason, Assert.Single(Read(rows, true)).InSample);
    }

    [Fact]
    public void Rows_that_are_not_scored_may_have_been_fitted_on()
    {
        FittedRows[] rows = [new("log.csv", "0", 2, [.. Log.Split('\n')[1..6].Select(MeasuredTable.HashOf)])];
        Assert.Throws<ScenarioException>(() => Read(rows, false));
        Assert.Null(Assert.Single(Read(rows, false, more: ", skip_first: 5")).InSample);
    }

    [Fact]
    public void A_whole_file_and_a_run_that_are_named_are_known_too()
    {
        File.WriteAllText(Path.Combine(_folder, "log.csv"), Log);
        string sha = MeasuredTable.Read(new FilePath(Path.Combine(_folder, "log.csv"), "log.csv")).Sha256;
        Assert.Equal("fitted on log.csv", Assert.Single(Read([new FittedRows("log.csv", sha, 20, [])], true)).InSample);
        Assert.Equal("fitted on data of the-run", Assert.Single(Read([], true, ["other", "the-run"])).InSample);
    }

    private IReadOnlyList<AccuracyCase> Read(
        FittedRows[] fittedOn, bool mayBeInSample, string[]? covers = null, string more = "")
    {
        File.WriteAllText(Path.Combine(_folder, "log.csv"), Log);
        string cases = Path.Combine(_folder, "cases.yaml");
        File.WriteAllText(
            cases,
            MadeLog.Cases(more: more).Replace("roofline", "known.yaml")
                .Replace("    requests", "    runs: [the-run]\n    requests"));
        File.WriteAllLines(
            Path.Combine(_folder, "known.yaml"),
            [
                "schema: 1", "latency: { name: constant, step_ms: 1 }", "gpu: h100-sxm", "engine: any", "version: any",
                "source: made", "licence: none",
                "fitted_on: [" + string.Join(", ", fittedOn.Select(rows => $"{{ file: {rows.File}, sha256: '{rows.Sha256}', "
                    + $"rows: {rows.Rows}, row_hashes: [{string.Join(", ", rows.RowHashes.Select(h => $"'{h}'"))}] }}")) + "]",
                $"covers: [{string.Join(", ", covers ?? [])}]",
            ]);
        return AccuracyPlan.Read([cases], new AccuracyOptions(null, [], mayBeInSample), Catalog.Default).Cases;
    }
}
