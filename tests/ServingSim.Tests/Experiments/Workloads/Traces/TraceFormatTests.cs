using System.IO.Compression;
using System.Text;
using CsCheck;
using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

/// <summary>The formats beside BurstGPT's: Azure, Mooncake and plain.</summary>
public sealed class TraceFormatTests
{
    private const string AzureHeader = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
    private const string PlainHeader = "arrival_s,prompt_tokens,output_tokens,session,prefix,priority,tenant\n";

    [Theory]
    [InlineData("2023-11-16 18:17:03.9799600", "2023-11-16 18:17:04.0319600", 52)]
    [InlineData("2024-05-10 00:00:00.009930+00:00", "2024-05-10 00:00:01.009930+00:00", 1000)]
    [InlineData("2024-05-10T00:00:00Z", "2024-05-10T01:00:00.5+01:00", 500)]
    [InlineData("2023-12-31 23:59:59", "2024-01-01 00:00:00.25", 1250)]
    public void Azure_times_start_at_the_first_row(string first, string second, double laterMs)
    {
        using TemporaryCsv file = new($"{AzureHeader}{first},4808,10\n{second},3180,8\n");

        (List<ClientRequest> taken, TraceCounts counts) = Taken(new AzureOptions(file.Path));

        Assert.Equal([SimTime.Zero, SimTime.FromMilliseconds(laterMs)], taken.Select(r => r.Arrival));
        Assert.Equal([(4808, 10), (3180, 8)], taken.Select(r => (r.PromptTokens, r.Output.Tokens)));
        Assert.Equal(new TraceCounts(2, 0, 0, 0, 0, 0, 2), counts);
    }

    [Fact]
    public void Mooncakes_hash_ids_are_blocks_of_the_prompt_the_last_one_cut()
    {
        using TemporaryCsv file = new(
            """
            {"timestamp": 27000, "input_length": 25, "output_length": 3, "hash_ids": [46, 47, 48]}

            {"hash_ids": [46], "timestamp": 27000.5, "input_length": 10, "output_length": 1, "more": null}

            """);

        (List<ClientRequest> taken, _) = Taken(new MooncakeOptions(file.Path, BlockTokens: 10));

        Assert.Equal([SimTime.Zero, SimTime.FromMilliseconds(0.5)], taken.Select(r => r.Arrival));
        Assert.Equal([(25, 3), (10, 1)], taken.Select(r => (r.PromptTokens, r.Output.Tokens)));
        Assert.Equal(
            [new(TokenStream.TraceBlock(46), 10), new(TokenStream.TraceBlock(47), 10),
                new(TokenStream.TraceBlock(48), 5)],
            taken[0].Prompt.Segments.ToArray());
        Assert.Equal([new(TokenStream.TraceBlock(46), 10)], taken[1].Prompt.Segments.ToArray());
    }

    [Fact]
    public void Plain_rows_fill_labels_priority_and_shared_prefix_where_they_have_them()
    {
        using TemporaryCsv file = new(PlainHeader + "0.5,10,2,s1,7:4,-3,campus\n1e0,10,2,,,,\n2,4,1,,7:4,,lab\n");

        (List<ClientRequest> taken, _) = Taken(new PlainOptions(file.Path));

        Assert.Equal([S(0.5), S(1), S(2)], taken.Select(r => r.Arrival));
        Assert.Equal(
            ["session=s1;tenant=campus", "", "tenant=lab"], taken.Select(r => r.Labels.ToString()));
        Assert.Equal([-3, 0, 0], taken.Select(r => r.Priority));
        Assert.Equal(
            [new(TokenStream.Shared(7), 4), new(TokenStream.OwnOf(0), 6)], taken[0].Prompt.Segments.ToArray());
        Assert.Equal([new(TokenStream.OwnOf(1), 10)], taken[1].Prompt.Segments.ToArray());
        Assert.Equal([new(TokenStream.Shared(7), 4)], taken[2].Prompt.Segments.ToArray());
    }

    [Fact]
    public void Plain_files_need_three_columns_only_and_the_scenarios_labels_win()
    {
        using TemporaryCsv file = new("output_tokens,arrival_s,prompt_tokens,tenant\n2,3,10,campus\n");
        using TraceWorkload workload = new(
            new PlainOptions(file.Path), new Labels([new("tenant", "mine")]), new RandomStreams(1), default);

        ClientRequest request = Assert.Single(workload.TakeAll());

        Assert.Equal((S(3), 10, "tenant=mine"), (request.Arrival, request.PromptTokens, request.Labels.ToString()));
    }

    [Theory]
    [InlineData("x,1,1", "'TIMESTAMP' is 'x'; expected a time as in '2023-11-16 18:17:03.9799600' or "
        + "'2024-05-10 00:00:00.009930+00:00'")]
    [InlineData("1920-01-01 00:00:00,1,1", "'TIMESTAMP' is '1920-01-01 00:00:00'; expected a time at most 92000000 "
        + "seconds from the first row's")]
    [InlineData("2023-01-01 00:00:00,1,1", "is at -1.00000000000 s after 0.00000000000 s; expected rows in order of "
        + "time")]
    [InlineData("2023-01-01 00:00:02,0,1", "'ContextTokens' is '0'; expected a prompt of at least one token where "
        + "there is a response")]
    [InlineData("2023-01-01 00:00:02,1,-1", "'GeneratedTokens' is '-1'; expected a whole number of tokens, 0 or more")]
    public void A_broken_Azure_row_is_told_with_its_line(string row, string message)
    {
        using TemporaryCsv file = new($"{AzureHeader}2023-01-01 00:00:01,1,1\n{row}\n");
        Assert.Equal("./trace.csv:3: " + message, Refusal(new AzureOptions(file.Path)));
    }

    [Theory]
    [InlineData("[]", "is no JSON object; expected 'timestamp', 'input_length', 'output_length', 'hash_ids'")]
    [InlineData("{\"timestamp\": 1", "is no JSON object; expected 'timestamp', 'input_length', 'output_length', "
        + "'hash_ids'")]
    [InlineData("{\"input_length\": 1}", "no 'output_length'; expected a whole number of tokens, 0 or more")]
    [InlineData("{\"input_length\": 1.5}", "'input_length' is 1.5; expected a whole number of tokens, 0 or more")]
    [InlineData("{\"input_length\": 0, \"output_length\": 1}",
        "'input_length' is 0; expected a prompt of at least one token where there is a response")]
    [InlineData("{\"input_length\": 1, \"output_length\": 1, \"timestamp\": -1}",
        "'timestamp' is -1; expected milliseconds from 0 to 92000000000")]
    [InlineData("{\"input_length\": 513, \"output_length\": 1, \"timestamp\": 1, \"hash_ids\": [1]}",
        "'hash_ids' is [1]; expected 2 ids: 513 tokens in blocks of 512")]
    [InlineData("{\"input_length\": 512, \"output_length\": 1, \"timestamp\": 1, \"hash_ids\": [1, 2]}",
        "'hash_ids' is [1, 2]; expected 1 ids: 512 tokens in blocks of 512")]
    [InlineData("{\"input_length\": 1, \"input_length\": 2}", "two keys 'input_length'; expected one")]
    [InlineData("arrival_s,prompt_tokens,output_tokens",
        "is no JSON object; expected 'timestamp', 'input_length', 'output_length', 'hash_ids'")]
    [InlineData("{\"input_length\": 1, \"output_length\": 1, \"timestamp\": 1, \"hash_ids\": [\"a\"]}",
        "'hash_ids' is [\"a\"]; expected whole numbers")]
    public void A_broken_Mooncake_row_is_told_with_its_line(string row, string message)
    {
        using TemporaryCsv file = new(
            "{\"timestamp\": 0, \"input_length\": 5, \"output_length\": 1, \"hash_ids\": [1]}\n" + row);
        Assert.Equal("./trace.csv:2: " + message, Refusal(new MooncakeOptions(file.Path)));
    }

    [Theory]
    [InlineData(1 << 20, null)]
    [InlineData((1 << 20) + 1, "./trace.csv:3: is longer than 1,048,576 characters; expected a JSON object a line")]
    public void A_Mooncake_line_is_at_most_a_mebibyte_long(int length, string? message)
    {
        const string Row = "{\"timestamp\": 0, \"input_length\": 5, \"output_length\": 1, \"hash_ids\": [1]}";
        using TemporaryCsv file = new($"{Row}\r\n\r\n{Row.PadRight(length)}\n{Row}");
        MooncakeOptions options = new(file.Path);
        if (message is null)
        {
            Assert.Equal(3, Taken(options).Requests.Count);
            return;
        }

        Assert.Equal(message, Refusal(options));
    }

    [Theory]
    [InlineData("x,9,1,,,,", "'arrival_s' is 'x'; expected seconds from 0 to 92000000")]
    [InlineData("-1,9,1,,,,", "'arrival_s' is '-1'; expected seconds from 0 to 92000000")]
    [InlineData("1,9,1,a=b,,,", "'session' is 'a=b'; expected a name without ';' and '='")]
    [InlineData("1,9,1,,7,,", "'prefix' is '7'; expected GROUP:TOKENS, as in '7:512', of 1 to prompt_tokens (9) "
        + "tokens")]
    [InlineData("1,9,1,,-1:5,,", "'prefix' is '-1:5'; expected GROUP:TOKENS, as in '7:512', of 1 to prompt_tokens (9) "
        + "tokens")]
    [InlineData("1,9,1,,7:10,,", "'prefix' is '7:10'; expected GROUP:TOKENS, as in '7:512', of 1 to prompt_tokens (9) "
        + "tokens")]
    [InlineData("1,9,1,,:5,,", "'prefix' is ':5'; expected GROUP:TOKENS, as in '7:512', of 1 to prompt_tokens (9) "
        + "tokens")]
    [InlineData("1,9,1,,7:5x,,", "'prefix' is '7:5x'; expected GROUP:TOKENS, as in '7:512', of 1 to prompt_tokens (9) "
        + "tokens")]
    [InlineData("1,9,1,,,high,", "'priority' is 'high'; expected a whole number; lower is more urgent")]
    public void A_broken_plain_row_is_told_with_its_line(string row, string message)
    {
        using TemporaryCsv file = new($"{PlainHeader}0,1,1,,,,\n{row}\n");
        Assert.Equal("./trace.csv:3: " + message, Refusal(new PlainOptions(file.Path)));
    }

    [Fact]
    public void Every_format_is_read_compressed_whatever_the_files_name()
    {
        using TemporaryCsv burstGpt = Compressed(TemporaryCsv.Header + '\n' + TemporaryCsv.Row(1, 9, 2));
        using TemporaryCsv azure = Compressed(AzureHeader + "2023-01-01 00:00:02,9,2");
        using TemporaryCsv mooncake = Compressed(
            "{\"timestamp\": 0, \"input_length\": 9, \"output_length\": 2, \"hash_ids\": [1]}");
        using TemporaryCsv plain = Compressed(PlainHeader + "0,9,2,,,,");
        ITraceOptions[] options =
        [
            new BurstGptOptions(burstGpt.Path), new AzureOptions(azure.Path), new MooncakeOptions(mooncake.Path),
            new PlainOptions(plain.Path),
        ];

        Assert.All(options, o => Assert.Equal(9, Assert.Single(Taken(o).Requests).PromptTokens));
    }

    [Theory]
    [InlineData("azure-trace", AzureHeader + "2023-01-01 00:00:02,9,2")]
    [InlineData(
        "mooncake-trace", "{\"timestamp\": 0, \"input_length\": 9, \"output_length\": 2, \"hash_ids\": [1, 2]}",
        "block_tokens: 8")]
    [InlineData("plain-trace", PlainHeader + "5,9,2,,,,")]
    public void A_scenario_names_every_format(string name, string text, string options = "time_scale: 2")
    {
        using TemporaryCsv file = new(text);
        string scenario = Path.Combine(Path.GetDirectoryName(file.Path.FullPath)!, "a.yaml");
        File.WriteAllText(scenario, File.ReadAllText(CommandRun.Scenario("burstgpt-week")));

        LoadedScenario loaded = LoadedScenario.Read(
            scenario,
            [$"workload.source={{ name: {name}, path: {file.Path.FullPath}, {options} }}", "report_by=[]"],
            Catalog.Default);
        using IWorkload workload = WorkloadContext.Create(loaded.Scenario, loaded.File);

        Assert.Equal(9, Assert.Single(workload.TakeAll()).PromptTokens);
    }

    [Fact]
    public void A_damaged_gzip_file_is_told_so()
    {
        byte[] whole = Gzip(PlainHeader + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i},9,2,,,,\n")));
        using TemporaryCsv cut = new(whole[..(whole.Length / 2)]);
        using TemporaryCsv noise = new([0x1F, 0x8B, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

        Assert.StartsWith("./trace.csv: is a damaged gzip file: ", Refusal(new PlainOptions(cut.Path)));
        Assert.StartsWith("./trace.csv: is a damaged gzip file: ", Refusal(new MooncakeOptions(noise.Path)));
    }

    [Fact]
    public void Files_without_rows_are_refused()
    {
        using TemporaryCsv empty = new(string.Empty);
        using TemporaryCsv header = new(AzureHeader);

        Assert.Equal("./trace.csv: holds no row; expected at least one", Refusal(new MooncakeOptions(empty.Path)));
        Assert.Equal("./trace.csv: holds no row; expected at least one", Refusal(new AzureOptions(header.Path)));
        Assert.Equal(
            "./trace.csv:1: no column 'arrival_s'; found 'TIMESTAMP', 'ContextTokens', 'GeneratedTokens'; "
            + "expected 'arrival_s', 'prompt_tokens', 'output_tokens'; this is a file of format 'azure', "
            + "which the source 'azure-trace' replays",
            Refusal(new PlainOptions(header.Path)));
    }

    [Fact]
    public void Options_out_of_range_are_problems()
    {
        FilePath path = new("/a", "a");
        (string?, string)[] window =
        [
            ("From", "found -1.00000000000 s, expected 0 or later"),
            ("To", "found -1.00000000000 s, expected later than -1.00000000000 s"),
            ("TimeScale", "found 0, expected a number from 1e-6 to 1e6"),
        ];

        Assert.Equal(window, new AzureOptions(path, S(-1), S(-1), 0).Problems());
        Assert.Equal(window, new PlainOptions(path, S(-1), S(-1), 0).Problems());
        Assert.Equal(
            [.. window, ("BlockTokens", "found 0, expected at least 1")],
            new MooncakeOptions(path, S(-1), S(-1), 0, 0).Problems());
    }

    [Fact]
    public void Every_row_read_is_counted_once_and_arrives_when_the_window_and_scale_say() =>
        Gen.Select(
                Gen.Select(Gen.Int[0, 3], Gen.Int[1, 9], Gen.Int[0, 2]).Array[1, 30], Gen.Int[0, 20], Gen.Int[21, 50],
                Gen.Int[1, 4], Gen.Int[1, 30])
            .Sample((rows, from, to, scale, requests) =>
            {
                long second = 0;
                (long At, int Prompt, int Output)[] all =
                    [.. rows.Select(r => (second += r.Item1, r.Item2, r.Item3)), (second + 30, 1, 1)];
                using TemporaryCsv file = new("arrival_s,prompt_tokens,output_tokens\n"
                    + string.Concat(all.Select(r => $"{r.At},{r.Prompt},{r.Output}\n")));
                var inside = all.Where(r => r.At >= from && r.At < to && r.Output > 0).Take(requests).ToList();
                if (inside.Count == 0)
                {
                    return;
                }

                (List<ClientRequest> taken, TraceCounts c) = Taken(
                    new PlainOptions(file.Path, S(from), S(to), scale), new WorkloadLimits(Requests: requests));

                Assert.Equal(inside.Select(r => S((r.At - from) / (double)scale)), taken.Select(r => r.Arrival));
                Assert.Equal(inside.Select(r => r.Prompt), taken.Select(r => r.PromptTokens));
                Assert.Equal(c.RowsRead, c.OutsideWindow + c.FilteredOut + c.Failed + c.OverLimit + c.Given);
                Assert.Equal((taken.Count, 0, 0), (c.Given, c.FilteredOut, c.FailedWithoutSize));
            });

    [SharedDataFact("traces/azure_2023_code.csv.gz")]
    public void The_Azure_traces_of_2023_are_read_whole()
    {
        AssertTotals(new AzureOptions(Shared("azure_2023_code.csv.gz")), 8_819, 18_059_974, 245_896, 3_435.948056);
        AssertTotals(new AzureOptions(Shared("azure_2023_conv.csv.gz")), 19_366, 22_361_870, 4_088_665, 3_501.7219370);
    }

    [SharedDataFact("traces/mooncake_conversation_trace.jsonl.gz")]
    public void The_Mooncake_traces_are_read_whole()
    {
        AssertTotals(
            new MooncakeOptions(Shared("mooncake_conversation_trace.jsonl.gz")), 12_031, 144_793_823, 4_122_048,
            3_536.999);
        AssertTotals(
            new MooncakeOptions(Shared("mooncake_synthetic_trace.jsonl.gz")), 3_993, 61_194_628, 595_432, 1_022.025);
    }

    private static void AssertTotals(
        ITraceOptions options, long rows, long promptTokens, long outputTokens, double lastS)
    {
        (List<ClientRequest> taken, TraceCounts counts) = Taken(options);
        Assert.Equal(new TraceCounts(rows, 0, 0, 0, 0, 0, rows), counts);
        Assert.Equal(promptTokens, taken.Sum(r => (long)r.PromptTokens));
        Assert.Equal(outputTokens, taken.Sum(r => (long)r.Output.Tokens));
        Assert.Equal(S(lastS), taken[^1].Arrival);
    }

    private static FilePath Shared(string name) => new(SharedData.Find("traces/" + name)!, name);

    private static SimTime S(double seconds) => SimTime.FromSeconds(seconds);

    private static TemporaryCsv Compressed(string text) => new(Gzip(text));

    private static byte[] Gzip(string text)
    {
        using MemoryStream bytes = new();
        using (GZipStream gzip = new(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }

    private static string Refusal(ITraceOptions options) =>
        Assert.Throws<TraceException>(() => Taken(options)).Message;

    private static (List<ClientRequest> Requests, TraceCounts Counts) Taken(
        ITraceOptions options, WorkloadLimits limits = default)
    {
        using TraceWorkload workload = new(options, Labels.None, new RandomStreams(1), limits);
        return (workload.TakeAll(), workload.TraceCounts);
    }
}
