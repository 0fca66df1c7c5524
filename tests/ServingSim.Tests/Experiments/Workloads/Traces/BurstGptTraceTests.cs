using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;
using Xunit;
using static ServingSim.Tests.Experiments.Workloads.Traces.TemporaryCsv;

namespace ServingSim.Tests.Experiments.Workloads.Traces;

public sealed class BurstGptTraceTests
{
    private static readonly BurstGptRow[] Expected =
    [
        new(2, 5, "ChatGPT", "Conversation log", 472, 18),
        new(3, 45, "GPT-4", "API log", 0, 0),
    ];

    [Theory]
    [InlineData(Header + "\n5,ChatGPT,472,18,490,Conversation log\n45,GPT-4,0,0,0,API log\n")]
    [InlineData(Header + "\r\n5,ChatGPT,472,18,490,Conversation log\r\n45,GPT-4,0,0,0,API log\r\n")]
    [InlineData(Header + "\n5,ChatGPT,472,18,490,Conversation log\n45,GPT-4,0,0,0,API log")]
    [InlineData(Header + "\n5.0,\"ChatGPT\",472,\"18\",490,\"Conversation log\"\n4.5e1,GPT-4,0,0,0,API log\n")]
    [InlineData("\uFEFF" + Header + "\n5,ChatGPT,472,18,490,Conversation log\n45,GPT-4,0,0,0,API log\n")]
    [InlineData("Log Type,Response tokens,Request tokens,Model,Extra,Timestamp\n"
        + "Conversation log,18,472,ChatGPT,\"a, b\",5\nAPI log,0,0,GPT-4,,45.0\n")]
    public void Rows_are_the_same_whatever_the_line_ends_quotes_numbers_and_columns(string text)
    {
        using TemporaryCsv file = new(text);
        using BurstGptTrace trace = BurstGptTrace.Open(file.Path);

        Assert.Equal(Expected, ReadAll(trace));
        Assert.False(trace.HasSessions);
    }

    [Fact]
    public void The_schema_with_sessions_is_read_by_name()
    {
        using TemporaryCsv file = new(
            "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
            + "19440110.0,1722ac82,43,GPT-4,906,446,1352,Conversation log\n");
        using BurstGptTrace trace = BurstGptTrace.Open(file.Path);

        Assert.True(trace.HasSessions);
        Assert.Equal([new(2, 19_440_110, "GPT-4", "Conversation log", 906, 446)], ReadAll(trace));
    }

    [Theory]
    [InlineData("x,ChatGPT,1,1,2,API log", "'Timestamp' is 'x'; expected seconds")]
    [InlineData(",ChatGPT,1,1,2,API log", "'Timestamp' is ''; expected seconds")]
    [InlineData("-1,ChatGPT,1,1,2,API log", "'Timestamp' is '-1'; expected seconds")]
    [InlineData("1e300,ChatGPT,1,1,2,API log", "'Timestamp' is '1e300'; expected seconds")]
    [InlineData("NaN,ChatGPT,1,1,2,API log", "'Timestamp' is 'NaN'; expected seconds")]
    [InlineData("92000001,ChatGPT,1,1,2,API log", "'Timestamp' is '92000001'; expected seconds")]
    [InlineData("7,ChatGPT,1.5,1,2,API log", "'Request tokens' is '1.5'; expected a whole number")]
    [InlineData("7,ChatGPT,-3,1,2,API log", "'Request tokens' is '-3'; expected a whole number")]
    [InlineData("7,ChatGPT,1,,2,API log", "'Response tokens' is ''; expected a whole number")]
    [InlineData("7,ChatGPT,1,99999999999,2,API log", "'Response tokens' is '99999999999'; expected a whole number")]
    [InlineData("7,ChatGPT,0,5,5,API log", "'Request tokens' is '0'; expected a prompt")]
    [InlineData("7,,1,1,2,API log", "'Model' is ''; expected a name without ';' and '='")]
    [InlineData("7,ChatGPT,1,1,2,", "'Log Type' is ''; expected a name without ';' and '='")]
    [InlineData("7,ChatGPT,3,1,3,API log", "'Total tokens' is '3'; expected 4, the sum of request and response")]
    [InlineData("7,ChatGPT,3,1,,API log", "'Total tokens' is ''; expected 4, the sum of request and response")]
    [InlineData("7,ChatGPT,3,1,4.5,API log", "'Total tokens' is '4.5'; expected 4, the sum of request and response")]
    [InlineData("7,ChatGPT,1,1", "is no CSV row")]
    [InlineData("7,ChatGPT,1,1,2,API log,8", "is no CSV row")]
    [InlineData("7,\"Chat\"GPT,1,1,2,API log", "is no CSV row")]
    [InlineData("7,\"ChatGPT,1,1,2,API log", "is no CSV row")]
    public void A_broken_row_is_named_with_its_line_what_was_found_and_what_expected(string row, string message)
    {
        using TemporaryCsv file = Of(Row(5, 1, 1), row, Row(9, 1, 1));
        using BurstGptTrace trace = BurstGptTrace.Open(file.Path);

        TraceException e = Assert.Throws<TraceException>(() => ReadAll(trace));

        Assert.StartsWith("./trace.csv:3: " + message, e.Message, StringComparison.Ordinal);
        Assert.Equal(("./trace.csv", 3), (e.File, e.Line));
    }

    [Theory]
    [InlineData("Conversation lo", "Conversation log")]
    [InlineData("A", "API log")]
    public void A_file_that_was_cut_within_the_last_service_is_told_of_with_its_line(string rest, string whole)
    {
        using TemporaryCsv file = new($"{Header}\n5,ChatGPT,1,1,2,Conversation log\n7,ChatGPT,1,1,2,{rest}");
        using BurstGptTrace trace = BurstGptTrace.Open(file.Path);

        Assert.Equal(
            $"./trace.csv:3: the file is truncated: it ends in '{rest}' without a line end; expected '{whole}'",
            Assert.Throws<TraceException>(() => ReadAll(trace)).Message);
    }

    [Theory]
    [InlineData("5,ChatGPT,1,1,2,Conversation log\n7,ChatGPT,1,1,2,Conversation\n")]
    [InlineData("5,ChatGPT,1,1,2,Conversation\n7,ChatGPT,1,1,2,Conversation")]
    [InlineData("5,ChatGPT,1,1,2,API log\n7,ChatGPT,1,1,2,Chat")]
    public void Another_name_of_a_service_is_no_cut(string rows)
    {
        using TemporaryCsv file = new($"{Header}\n{rows}");
        using BurstGptTrace trace = BurstGptTrace.Open(file.Path);

        Assert.Equal(2, ReadAll(trace).Count);
    }

    [Fact]
    public void Lines_are_those_of_the_file_also_after_empty_ones()
    {
        using TemporaryCsv file = Of(Row(5, 1, 1), string.Empty, string.Empty, "x,ChatGPT,1,1,2,API log");
        using BurstGptTrace trace = BurstGptTrace.Open(file.Path);

        Assert.Equal(5, Assert.Throws<TraceException>(() => ReadAll(trace)).Line);
    }

    [Fact]
    public void A_missing_column_is_named_with_those_found()
    {
        using TemporaryCsv file = new("Timestamp,Model,Input,Response tokens,Log Type\n");

        Assert.Equal(
            "./trace.csv:1: no column 'Request tokens'; found 'Timestamp', 'Model', 'Input', 'Response tokens', "
            + "'Log Type'; expected 'Timestamp', 'Model', 'Request tokens', 'Response tokens', 'Log Type'",
            Assert.Throws<TraceException>(() => BurstGptTrace.Open(file.Path)).Message);
    }

    [Fact]
    public void A_column_that_comes_twice_is_refused()
    {
        using TemporaryCsv file = new(Header + ",Model\n");

        Assert.EndsWith(
            ":1: two columns 'Model'; expected one",
            Assert.Throws<TraceException>(() => BurstGptTrace.Open(file.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_empty_binary_or_not_there_is_refused()
    {
        using TemporaryCsv empty = new(string.Empty);
        using TemporaryCsv binary = new([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xFF, 0xFE, 44, 10]);
        using TemporaryCsv noise = new([.. Enumerable.Range(0, 5_000_000).Select(i => (byte)((i % 251) | 0x80))]);

        Assert.Contains("is empty; expected a header", MessageOf(empty.Path), StringComparison.Ordinal);
        Assert.Contains("is a damaged gzip file", MessageOf(binary.Path), StringComparison.Ordinal);
        Assert.Contains("is no CSV header", MessageOf(noise.Path), StringComparison.Ordinal);
        string gone = empty.Path.FullPath + "x";
        Assert.Equal($"gone.csv: no such file: {gone}", MessageOf(new(gone, "gone.csv")));
        Assert.Equal(
            ".: is a folder; expected a trace file", MessageOf(new(Path.GetDirectoryName(empty.Path.FullPath)!, ".")));
    }

    private static string MessageOf(FilePath path) =>
        Assert.Throws<TraceException>(() => BurstGptTrace.Open(path)).Message;

    private static List<BurstGptRow> ReadAll(BurstGptTrace trace)
    {
        List<BurstGptRow> rows = [];
        while (trace.TryRead(out BurstGptRow row))
        {
            rows.Add(row);
        }

        return rows;
    }
}
