using System.IO.Compression;
using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

public sealed class TraceConverterTests : IDisposable
{
    private const string BurstGpt = "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,"
        + "Total tokens,Log Type\n7,,3,GPT-4,0,0,0,API log\n9.0,s1,43,GPT-4,906,446,1352,Conversation log\n"
        + "9,,2,ChatGPT,36,29,65,API log\n10,s1,,GPT-4,5,0,5,Conversation log\n12,s2,1,GPT-4,7,1,8,Conversation log\n";

    private const string Azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n"
        + "2023-11-16 18:17:04.0319601,3180,8\n";

    private const string Mooncake =
        """
        {"timestamp": 27000, "input_length": 1000, "output_length": 3, "hash_ids": [46, 47]}
        {"timestamp": 27000.5, "input_length": 10, "output_length": 1, "hash_ids": [46]}

        """;

    private const string Plain = "arrival_s,prompt_tokens,output_tokens,session,prefix,priority,tenant\n"
        + "0.5,1400,2,s1,7:1100,-3,campus\n1e0,10,2,,,,\n2.00000000001,600,1,,7:600,,lab\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("servingsim-convert-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(BurstGpt)]
    [InlineData(Azure)]
    [InlineData(Mooncake)]
    [InlineData(Plain)]
    public void A_trace_converted_to_plain_gives_the_same_requests(string text)
    {
        string input = Write("in", text);
        TraceConversion result = Convert(input, "out", TraceFormat.Plain);
        AssertSameRequests(input, result.From, In("out"));
    }

    [SharedDataFact("burstgpt/BurstGPT_first7days.csv")]
    public void BurstGpts_first_week_converted_to_plain_gives_the_same_requests()
    {
        string input = SharedData.Find("burstgpt/BurstGPT_first7days.csv")!;
        TraceConversion result = Convert(input, "out.csv.gz", TraceFormat.Plain);
        Assert.Equal((19_431, 1_538, 1_535, 17_893),
            (result.RowsRead, result.Failed, result.FailedWithoutSize, result.RowsWritten));
        AssertSameRequests(input, TraceFormat.BurstGpt, In("out.csv.gz"));
    }

    [SharedDataFact("traces/azure_2023_conv.csv.gz")]
    public void Azures_and_Mooncakes_traces_converted_to_plain_give_the_same_requests()
    {
        foreach (string name in new[] { "azure_2023_conv.csv.gz", "mooncake_conversation_trace.jsonl.gz" })
        {
            string input = SharedData.Find("traces/" + name)!;
            TraceConversion result = Convert(input, name, TraceFormat.Plain);
            AssertSameRequests(input, result.From, In(name));
        }
    }

    [Fact]
    public void Failed_rows_are_dropped_and_counted_and_what_is_lost_is_named()
    {
        TraceConversion result = Convert(Write("in", BurstGpt), "out", TraceFormat.Plain);

        Assert.Equal((TraceFormat.BurstGpt, 5, 2, 1, 3),
            (result.From, result.RowsRead, result.Failed, result.FailedWithoutSize, result.RowsWritten));
        Assert.Equal([("model", 3), ("log type", 3), ("elapsed time", 3)], result.Lost);
        Assert.Equal(
            [
                "rows of one second all keep its start: only the reader of BurstGPT spreads them",
                "times count from the first row, which is at 7 s of its file",
            ],
            result.Notes);
        Assert.Equal("arrival_s,prompt_tokens,output_tokens,session\n2,906,446,s1\n2,36,29,\n5,7,1,s2\n", Read("out"));
    }

    [Fact]
    public void BurstGpt_gets_unknown_names_and_fractions_that_it_reads_again()
    {
        TraceConversion result = Convert(Write("in", Plain), "out", TraceFormat.BurstGpt);

        Assert.Equal([("tenant", 2), ("priority", 1), ("shared prefix", 2)], result.Lost);
        Assert.Equal(
            [
                "model and log type are 'unknown': the source tells neither",
                "times have fractions of a second, unlike published files: replay with spread_ties: false",
            ],
            result.Notes);
        Assert.Equal(
            "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
            + "0.5,s1,,unknown,1400,2,1402,unknown\n1,,,unknown,10,2,12,unknown\n"
            + "2.00000000001,,,unknown,600,1,601,unknown\n",
            Read("out"));
        Assert.Equal(
            [new(50_000_000_000), new(100_000_000_000), new SimTime(200_000_000_001)],
            Rows(TraceFormat.BurstGpt, "out").Select(r => r.Recorded));
    }

    [Fact]
    public void A_second_of_BurstGpt_with_fractions_is_not_spread()
    {
        string file = Write("in", "Timestamp,Model,Request tokens,Response tokens,Log Type\n"
            + "5,a,1,1,b\n5.25,a,1,1,b\n6,a,1,1,b\n7.5,a,1,1,b\n");

        SimTime[] arrivals = [.. Requests(new BurstGptOptions(new FilePath(file, "in"))).Select(r => r.Arrival)];

        Assert.Equal([SimTime.Zero, SimTime.FromSeconds(0.25)], arrivals[..2]);
        Assert.NotEqual(SimTime.FromSeconds(1), arrivals[2]);
        Assert.Equal(SimTime.FromSeconds(2.5), arrivals[3]);
    }

    [Fact]
    public void Azure_gets_dates_of_100_ns_and_keeps_those_it_has()
    {
        TraceConversion result = Convert(Write("in", Plain), "out", TraceFormat.Azure);

        Assert.Contains(("time below 100 ns, rounded down", 1), result.Lost);
        Assert.Equal(["dates count from 1970-01-01: the source has none"], result.Notes);
        Assert.EndsWith("1970-01-01 00:00:02.0000000,600,1\n", Read("out"), StringComparison.Ordinal);
        Convert(Write("azure", Azure), "again", TraceFormat.Azure);
        Assert.Equal(Azure, Read("again"));
        Assert.Equal(
            ["dates are lost: times count from the first row, 2023-11-16 18:17:03.9799600 UTC"],
            Convert(In("azure"), "plain", TraceFormat.Plain).Notes);
    }

    [Fact]
    public void Mooncake_gets_ids_that_are_shared_within_a_shared_prefix_only()
    {
        TraceConversion result = Convert(Write("in", Plain), "out.jsonl", null);

        Assert.Equal(
            [("session", 1), ("tenant", 2), ("priority", 1), ("shared prefix past its last whole block", 1)],
            result.Lost);
        Assert.Equal(
            """
            {"timestamp": 500, "input_length": 1400, "output_length": 2, "hash_ids": [0, 1, 2]}
            {"timestamp": 1000, "input_length": 10, "output_length": 2, "hash_ids": [3]}
            {"timestamp": 2000.00000001, "input_length": 600, "output_length": 1, "hash_ids": [0, 1]}

            """,
            Read("out.jsonl"));
        Convert(Write("mooncake", Mooncake), "again.jsonl", null);
        Assert.Equal(Mooncake, Read("again.jsonl"));
    }

    [Fact]
    public void Columns_and_keys_that_are_not_read_are_named()
    {
        string csv = Write("in", "arrival_s,user,prompt_tokens,output_tokens,note\n1,2,3,4,5\n");
        string json = Write(
            "json", """{"timestamp": 0, "input_length": 1, "output_length": 1, "hash_ids": [1], "chat_id": 3}""");

        Assert.Equal(
            ["not read and so not written: 'user', 'note'"], Convert(csv, "a", TraceFormat.Plain).Notes);
        Assert.Equal(
            ["not read and so not written: 'chat_id'"], Convert(json, "b", TraceFormat.Mooncake).Notes);
        Assert.DoesNotContain(
            Convert(Write("burst", BurstGpt), "c", TraceFormat.BurstGpt).Notes, n => n.Contains("not read"));
    }

    [Fact]
    public void A_name_that_ends_in_gz_is_compressed()
    {
        Convert(Write("in", Plain), "out.JSONL.gz", null);
        Convert(In("out.JSONL.gz"), "out.jsonl", null);

        using StreamReader reader = new(new GZipStream(File.OpenRead(In("out.JSONL.gz")), CompressionMode.Decompress));
        Assert.Equal(Read("out.jsonl"), reader.ReadToEnd());
        Assert.StartsWith("{", Read("out.jsonl"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_there_is_replaced_only_where_asked()
    {
        string input = Write("in", Plain);
        Write("out", "precious");

        Refused("out: is there already; --force replaces it", input, "out");
        Assert.Equal("precious", Read("out"));
        TraceConverter.Run(input, null, In("out"), TraceFormat.Plain, 512, true, default);
        Assert.StartsWith("arrival_s", Read("out"), StringComparison.Ordinal);
        AssertNothingBut("in", "out");
    }

    [Fact]
    public void The_file_that_is_read_is_not_written()
    {
        string input = Write("in", Plain);
        File.CreateSymbolicLink(In("link"), input);

        foreach (string output in new[] { "in", "./in", "link" })
        {
            Refused($"{output}: is the file to read; expected another one to write", input, output);
        }

        Assert.Equal(Plain, Read("in"));
    }

    [Theory]
    [InlineData(Plain + "3,x,1,,,,\n", "in:5: 'prompt_tokens' is 'x'; expected a whole number of tokens, 0 or more")]
    [InlineData(
        Plain + "1,1,1,,,,\n",
        "in:5: is at 1.00000000000 s after 2.00000000001 s; expected rows in order of time")]
    [InlineData("arrival_s,prompt_tokens,output_tokens\n", "in: holds no row; expected at least one")]
    [InlineData("arrival_s,prompt_tokens,output_tokens\n1,1,0\n", "in: no row is left: all 1 failed")]
    public void A_trace_that_cannot_be_used_leaves_what_was_there(string text, string message)
    {
        string input = Write("in", text);
        Write("out", "precious");

        Refused(message, input, "out", overwrites: true);
        Assert.Equal("precious", Read("out"));
        AssertNothingBut("in", "out");
    }

    [Fact]
    public void An_interrupt_leaves_nothing()
    {
        using CancellationTokenSource interrupted = new();
        interrupted.Cancel();

        Assert.Throws<OperationCanceledException>(() => TraceConverter.Run(
            Write("in", Plain), null, In("out"), TraceFormat.Plain, 512, false, interrupted.Token));
        AssertNothingBut("in");
    }

    [Fact]
    public void A_folder_that_is_missing_or_in_the_way_is_told()
    {
        string input = Write("in", Plain);
        Refused($"no/out: no such folder: {In("no")}".Replace(_folder + "/", ""), input, "no/out");
        Directory.CreateDirectory(In("there"));
        Refused("there: is a folder; expected a file to write", input, "there");
    }

    private static List<ClientRequest> Requests(ITraceOptions options)
    {
        using TraceWorkload workload = new(options, Labels.None, new RandomStreams(1), default);
        return workload.TakeAll();
    }

    private static void AssertSameRequests(string input, TraceFormat from, string plain)
    {
        FilePath path = new(input, input);
        ITraceOptions options = from switch
        {
            TraceFormat.BurstGpt => new BurstGptOptions(path, SpreadTies: false),
            TraceFormat.Azure => new AzureOptions(path),
            TraceFormat.Mooncake => new MooncakeOptions(path),
            _ => new PlainOptions(path),
        };
        List<ClientRequest> expected = Requests(options);
        List<ClientRequest> actual = Requests(new PlainOptions(new FilePath(plain, plain)));
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Select(Facts), actual.Select(Facts));
        if (from == TraceFormat.Plain)
        {
            Assert.Equal(expected.Select(Details), actual.Select(Details));
        }

        static (SimTime, int, int) Facts(ClientRequest r) => (r.Arrival, r.PromptTokens, r.Output.Tokens);
        static (Labels, int, TokenSegment) Details(ClientRequest r) => (r.Labels, r.Priority, r.Prompt.Segments[0]);
    }

    private List<TraceRow> Rows(TraceFormat format, string name)
    {
        using ITraceRows rows = TraceFormats.Open(format, new FilePath(In(name), name), 512);
        List<TraceRow> all = [];
        while (rows.TryRead(out TraceRow row))
        {
            all.Add(row);
        }

        return all;
    }

    private TraceConversion Convert(string input, string output, TraceFormat? to) =>
        TraceConverter.Run(input, null, In(output), to, 512, false, default);

    private void Refused(string message, string input, string output, bool overwrites = false) => Assert.Equal(
        message,
        Assert.Throws<TraceException>(() => TraceConverter.Run(
            input, null, In(output), TraceFormat.Plain, 512, overwrites, default)).Message.Replace(_folder + "/", ""));

    private void AssertNothingBut(params string[] names) => Assert.Equal(
        names, Directory.GetFileSystemEntries(_folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));

    private string In(string name) => Path.Combine(_folder, name);

    private string Read(string name) => File.ReadAllText(In(name));

    private string Write(string name, string text)
    {
        File.WriteAllText(In(name), text);
        return In(name);
    }
}
