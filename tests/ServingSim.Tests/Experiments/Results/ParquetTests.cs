using System.Globalization;
using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Results;

/// <summary><c>outputs.format</c>: Parquet files say what the CSV files say.</summary>
public sealed class ParquetTests : IDisposable
{
    private static readonly string[] Tables = ["requests", "steps", "timeseries"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("servingsim-parquet-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("two-services", "requests=700", "slo.ttft_ms=200", "outputs.timeseries_interval=10s")]
    [InlineData("saturated", "duration=20s", "stop=cut", "warmup=2s", "outputs.timeseries_interval=100ms")]
    [InlineData("multi-turn", "requests=300", "warmup=0s", "cluster.pools.main.engine.max_model_len=900")]
    [InlineData("quickstart", "requests=400", "warmup=0s", "outputs.requests=sample", "outputs.sample_every=4")]
    public void Every_cell_of_a_run_is_that_of_its_CSV(string scenario, params string[] settings)
    {
        string folder = Run("a", scenario, [.. settings, "outputs.format=both"]);
        foreach (string table in Tables)
        {
            AssertSameCells(Path.Combine(folder, table));
        }
    }

    [Fact]
    public void Columns_have_types()
    {
        string folder = Run("a", "quickstart", ["requests=20", "warmup=0s", "outputs.format=parquet"]);
        Assert.Equal(
            [
                "client_id BIGINT", "attempt BIGINT", "arrival_s DOUBLE", "labels VARCHAR", "replica VARCHAR",
                "prompt_tokens BIGINT", "output_tokens BIGINT", "cached_tokens BIGINT", "queue_s DOUBLE",
                "ttft_s DOUBLE", "tpot_s DOUBLE", "e2e_s DOUBLE", "preemptions BIGINT", "finish_reason VARCHAR",
                "warmup BOOLEAN", "slo_met BOOLEAN",
                "prefill_replica VARCHAR", "transfer_s DOUBLE",
            ],
            Duck.Columns(Path.Combine(folder, ResultFolder.RequestsParquet)));
        Assert.Equal(
            [
                "replica VARCHAR", "step BIGINT", "start_s DECIMAL(19,11)", "duration_s DECIMAL(19,11)",
                "scheduled VARCHAR", "preempted VARCHAR", "running BIGINT", "waiting BIGINT", "used_blocks BIGINT",
                "free_blocks BIGINT",
            ],
            Duck.Columns(Path.Combine(folder, ResultFolder.StepsParquet)));
        Assert.Equal(
            [
                "t_s DOUBLE", "pool VARCHAR", "arrived BIGINT", "refused BIGINT", "completed BIGINT", "failed BIGINT",
                "running_mean DOUBLE", "waiting_mean DOUBLE", "kv_cache_usage_mean DOUBLE", "ttft_p50_s DOUBLE",
                "ttft_p99_s DOUBLE", "preemptions BIGINT", "prompt_tokens BIGINT", "output_tokens BIGINT",
                "replicas_mean DOUBLE",
            ],
            Duck.Columns(Path.Combine(folder, ResultFolder.TimeSeriesParquet)));
    }

    [Fact]
    public void The_same_run_gives_the_same_bytes()
    {
        string[] settings = ["requests=300", "outputs.format=parquet"];
        string a = Run("a", "two-services", settings);
        string b = Run("b", "two-services", settings);
        foreach (string table in Tables)
        {
            string file = table + ".parquet";
            Assert.Equal(File.ReadAllBytes(Path.Combine(a, file)), File.ReadAllBytes(Path.Combine(b, file)));
        }
    }

    [Fact]
    public void A_run_writes_the_kind_it_is_asked_for_and_removes_the_other_of_an_earlier_run()
    {
        string[] Files(string format) => [.. Directory
            .GetFiles(Run("same", "quickstart", ["requests=20", "warmup=0s", $"outputs.format={format}"]))
            .Select(f => Path.GetFileName(f))
            .Where(f => Tables.Contains(Path.GetFileNameWithoutExtension(f)))
            .Order(StringComparer.Ordinal)];

        Assert.Equal(
            [
                "requests.csv", "requests.parquet", "steps.csv", "steps.parquet", "timeseries.csv",
                "timeseries.parquet",
            ],
            Files("both"));
        Assert.Equal(["requests.parquet", "steps.parquet", "timeseries.parquet"], Files("parquet"));
        Assert.Contains("format: parquet", File.ReadAllText(Path.Combine(_folder.FullName, "same", "run.yaml")));
        Assert.Equal(["requests.csv", "steps.csv", "timeseries.csv"], Files("csv"));
    }

    [Fact]
    public void Numbers_at_their_limits_and_any_text_are_those_of_the_CSV()
    {
        RequestRecord usual = new()
        {
            ClientId = 0,
            ArrivalS = 0,
            PromptTokens = 1,
            OutputTokens = 0,
            FinishReason = FinishReason.Unfinished,
        };
        RequestRecord[] requests =
        [
            usual,
            usual with { ClientId = long.MaxValue, ArrivalS = 91_999_999.999_999_4, Labels = "tenant=a,\"b\"é\n語" },
            usual with { ArrivalS = 0.000_000_5, TtftS = 1 / 3.0, E2eS = 9e6 + (1 / 3.0), SloMet = false },
            usual with { QueueS = 0, TpotS = 5e-10, SloMet = true, IsWarmup = true, Replica = "main/0" },
        ];
        StepRecord[] steps =
        [
            new("main/0", 0, SimTime.Zero, SimTime.OneTick, [], [], 0, 0, 0, 1),
            new("main/0", 1, SimTime.Max, new SimTime((1L << 53) + 1), [new(1, 512), new(9, 1)], [4, 2], 2, 1, 3, 4),
        ];
        AssertSameCells(WriteBoth(ResultTables.Requests, requests));
        AssertSameCells(WriteBoth(ResultTables.Steps, steps));
    }

    [Fact]
    public void Many_rows_are_written_in_row_groups_in_their_order()
    {
        const int Rows = 150_000;
        StepRecord step = new("main/0", 0, SimTime.Zero, SimTime.OneTick, [], [], 0, 0, 0, 100);
        string path = WriteBoth(ResultTables.Steps, Enumerable.Range(0, Rows).Select(i => step with { Step = i }));
        Assert.Equal([65_536, 65_536, Rows - (2 * 65_536)], Duck.RowGroups(path + ".parquet"));
        Assert.Equal(
            Enumerable.Range(0, Rows).Select(i => (long)i),
            Duck.Rows($"select step from '{path}.parquet'").Select(r => (long)r[0]!));
    }

    [Fact]
    public void A_row_group_ends_sooner_where_rows_hold_much_text()
    {
        ScheduledRequest[] scheduled = [.. Enumerable.Range(100_000, 1000).Select(i => new ScheduledRequest(i, 1))];
        StepRecord step = new("main/0", 0, SimTime.Zero, SimTime.OneTick, scheduled, [], 0, 0, 0, 100);
        string path = WriteBoth(ResultTables.Steps, Enumerable.Repeat(step, 2000));
        int rows = (int)Math.Ceiling((1 << 23) / 8999.0);
        Assert.Equal([rows, rows, 2000 - (2 * rows)], Duck.RowGroups(path + ".parquet"));
    }

    [Fact]
    public void A_file_without_rows_has_its_columns()
    {
        string path = WriteBoth(ResultTables.TimeSeries, Array.Empty<TimeSeriesRecord>()) + ".parquet";
        Assert.Equal(15, Duck.Columns(path).Length);
        Assert.Empty(Duck.Rows($"from '{path}'"));
    }

    [Fact]
    public void An_unknown_format_is_told_with_those_known()
    {
        string message = Assert.Throws<ScenarioException>(() => Run("a", "quickstart", ["outputs.format=xml"])).Message;
        Assert.Contains("outputs.format", message);
        Assert.Contains("expected one of csv, parquet, both", message);
    }

    /// <summary>Compares two files of one table; a number in Parquet is exactly the one that CSV writes.</summary>
    private static void AssertSameCells(string pathWithoutEnding)
    {
        object?[][] csv = Duck.CsvRows(pathWithoutEnding + ".csv");
        object?[][] parquet = Duck.Rows($"from '{pathWithoutEnding}.parquet'");
        Assert.NotEmpty(csv);
        Assert.Equal(
            Duck.Columns(pathWithoutEnding + ".csv").Select(c => c.Split(' ')[0]),
            Duck.Columns(pathWithoutEnding + ".parquet").Select(c => c.Split(' ')[0]));
        Assert.Equal(csv.Length, parquet.Length);
        for (int row = 0; row < csv.Length; row++)
        {
            Assert.Equal(csv[row].Zip(parquet[row], (text, like) => Parsed((string?)text, like)), parquet[row]);
        }
    }

    /// <summary>A CSV field as a value of the type of another.</summary>
    private static object? Parsed(string? text, object? like) => (text, like) switch
    {
        (null, _) or (_, null) => text,
        (_, bool) => text switch { "1" => true, "0" => false, _ => text },
        _ => Convert.ChangeType(text, like.GetType(), CultureInfo.InvariantCulture),
    };

    private string WriteBoth<TRow>(Table<TRow> table, IEnumerable<TRow> rows)
    {
        using ResultFolder folder = new(Path.Combine(_folder.FullName, "tables"));
        using (IRowWriter<TRow> writer = table.Open(folder, TableFormat.Both))
        {
            foreach (TRow row in rows)
            {
                writer.Write(row);
            }
        }

        folder.Complete();
        return Directory.GetFiles(folder.Path, "*.parquet").Single()[..^".parquet".Length];
    }

    private string Run(string folder, string scenario, string[] settings)
    {
        LoadedScenario loaded = LoadedScenario.Read(CommandRun.Scenario(scenario), settings, Catalog.Default);
        string path = Path.Combine(_folder.FullName, folder);
        ScenarioRunner.Run(loaded, new RunOptions(path) { WriteSteps = true });
        return path;
    }
}
