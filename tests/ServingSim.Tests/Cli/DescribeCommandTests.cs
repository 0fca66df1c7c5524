using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary><c>workload describe</c>, as a person sees it.</summary>
public sealed class DescribeCommandTests : IDisposable
{
    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("sample-burstgpt.csv")]
    [InlineData("sample-burstgpt-sessions.csv")]
    [InlineData("sample-azure-code.csv")]
    [InlineData("sample-mooncake.jsonl")]
    public void Every_format_is_described_in_100_columns_and_a_page(string trace)
    {
        int code = _cli.Run("workload", "describe", CommandRun.Trace(trace), "--out", _cli.In("o"));
        Assert.Equal((0, ""), (code, _cli.Error));
        Assert.All(_cli.Output.Split('\n'), line => Assert.True(line.Length <= 100 + SharedData.Root.Length, line));
        string page = _cli.Text("o", "description.md");
        string[] files = _cli.FilesOf("o");
        Assert.Contains("weeks.png", files);
        Assert.Contains("windows.csv", files);
        Assert.Equal(trace.Contains("sessions"), files.Contains("conversations.png"));
        Assert.All(
            files.Where(f => f.EndsWith(".png", StringComparison.Ordinal)), f => Assert.Contains($"]({f})", page));
    }

    [Fact]
    public void A_plain_trace_is_described_and_two_runs_write_the_same_bytes()
    {
        string path = _cli.File(
            "t.csv", "arrival_s,prompt_tokens,output_tokens,tenant\n0.25,10,2,a\n0.5,30,4,b\n3600.25,5,0,a\n");
        foreach (string folder in new[] { "o1", "o2" })
        {
            Assert.Equal(0, _cli.Run("workload", "describe", path, "--out", _cli.In(folder), "--quiet"));
            Assert.Empty(_cli.Output);
        }

        Assert.All(_cli.FilesOf("o1"), f => Assert.Equal(_cli.Bytes("o1", f), _cli.Bytes("o2", f)));
        Assert.Equal("service,rows,failed,failed_without_size,failed_share,ties,busiest_second,busiest_minute,"
            + "busiest_20_minutes,busiest_hour,correlation\nall,3,1,0,0.33333,1,2,2,2,2,1.0000\n"
            + "a,2,1,0,0.50000,0,1,1,1,1,\nb,1,0,0,0.00000,0,1,1,1,1,\n", _cli.Text("o1", "services.csv"));
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "t.csv: is no trace of a known format; begins 'a,b'")]
    [InlineData("\0\u0001\u0002", "t.csv: is no trace of a known format; begins '")]
    [InlineData("", "t.csv: is empty; expected a JSON object")]
    [InlineData("Timestamp,Model,Request tokens,Response tokens,Log Type\n", "t.csv: holds no row")]
    [InlineData("Timestamp,Model,Request tokens,Response tokens,Log Type\n5,ChatGPT,47", "t.csv:2: is no CSV row")]
    [InlineData(
        "Timestamp,Model,Request tokens,Response tokens,Log Type\n9,M,1,1,L\n5,M,1,1,L\n",
        "t.csv:3: is at 5.00000000000")]
    public void A_wrong_file_is_told_of_and_leaves_no_folder(string text, string message)
    {
        Assert.Equal(2, _cli.Run("workload", "describe", _cli.File("t.csv", text), "--out", _cli.In("o")));
        Assert.StartsWith(message, _cli.Error);
        Assert.Empty(_cli.Output);
        Assert.False(Directory.Exists(_cli.In("o")));
    }

    [Fact]
    public void A_missing_column_and_another_schema_are_told()
    {
        string path = _cli.File("t.csv", "Timestamp,Model,Request tokens,Log Type\n5,ChatGPT,472,Conversation log\n");
        Assert.Equal(2, _cli.Run("workload", "describe", path, "--format", "burstgpt"));
        Assert.StartsWith("t.csv:1: no column 'Response tokens'; found 'Timestamp', 'Model'", _cli.Error);
        path = _cli.File("u.csv", "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.5,4808,10\n");
        Assert.Equal(2, _cli.Run("workload", "describe", path, "--format", "burstgpt"));
        Assert.Contains("this is a file of format 'azure'", _cli.Error);
    }
}
