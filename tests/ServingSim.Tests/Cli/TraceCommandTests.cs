using Xunit;

namespace ServingSim.Tests.Cli;

/// <summary><c>trace info</c> and <c>trace convert</c> of every format, as a person sees them.</summary>
public sealed class TraceCommandTests : IDisposable
{
    private const string Plain = "arrival_s,prompt_tokens,output_tokens,session,tenant\n"
        + "0.5,10,2,a,lab\n0.5,30,4,b,campus\n3600.25,0,0,,lab\n";

    private const string Mooncake = """
        {"timestamp": 0, "input_length": 40, "output_length": 3, "hash_ids": [1, 2, 3]}
        {"timestamp": 10, "input_length": 32, "output_length": 1, "hash_ids": [1, 2]}
        {"timestamp": 20, "input_length": 48, "output_length": 1, "hash_ids": [1, 2, 3]}
        """;

    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Info_tells_of_a_plain_trace_by_tenant()
    {
        Prints(
            """
            file           t.csv, 103 bytes
            format         plain; a scenario replays it by 'plain-trace'
            rows           3
            failed         1 without a response, 1 of them without any size; a replay drops them
            span           0.5 s to 3,600.25 s, 1.00 hours
            sorted         yes, 1 rows at the same time as the one before
            busiest second 2 rows from 0 s on
            busiest minute 2 rows from 0 s on
            busiest hour   2 rows from 0 s on

              tenant   rows   failed   tokens   mean   p50   p90   p99   max
            ──────────────────────────────────────────────────────────────────
              campus      1        0   prompt   30.0    30    30    30    30
                                       output    4.0     4     4     4     4
              lab         2        1   prompt   10.0    10    10    10    10
                                       output    2.0     2     2     2     2


            """,
            "trace", "info", _cli.File("t.csv", Plain));
    }

    [Fact]
    public void Info_tells_what_of_a_Mooncake_trace_came_before()
    {
        // Of 120 tokens: 16 of the second prompt, whose last token is computed; 32 of the third
        string path = _cli.File("t", Mooncake);
        Assert.Equal((0, ""), (_cli.Run("trace", "info", path, "--block-tokens", "16"), _cli.Error));
        Assert.Contains("ideal hit rate 40.0 % of the prompt tokens came before, in whole blocks\n", _cli.Output);
        Assert.Contains("\nformat         Mooncake; a scenario replays it by 'mooncake-trace'\n", _cli.Output);
        Assert.Contains("\nfailed         none\n", _cli.Output);
    }

    [Fact]
    public void Info_tells_of_an_Azure_trace_without_classes()
    {
        string path = _cli.File(
            "t.csv",
            "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.5,4808,10\n2023-11-19 18:17:03,1,8\n");
        Assert.Equal((0, ""), (_cli.Run("trace", "info", path, "--format", "azure-trace"), _cli.Error));
        Assert.Contains("\nspan           0 s to 259,199.5 s, 3.00 days\n", _cli.Output);
        Assert.Contains("\n  rows   failed   tokens ", _cli.Output);
    }

    [Theory]
    [InlineData("t.csv: no column 'Timestamp'; found 'arrival_s'", "--format", "trace")]
    [InlineData("--format: no format is named 'mooncak' (did you mean 'mooncake'?); known: burstgpt, azure, mooncake, "
        + "plain\n", "--format", "mooncak")]
    public void Info_takes_the_format_that_is_given(string message, params string[] format)
    {
        Assert.Equal(2, _cli.Run(["trace", "info", _cli.File("t.csv", Plain), .. format]));
        Assert.StartsWith(message.Replace("t.csv:", "t.csv:1:"), _cli.Error);
        Assert.Empty(_cli.Output);
    }

    [Theory]
    [InlineData("a,b\n1,2\n")]
    [InlineData("\0\u0001\u0002")]
    public void A_file_of_no_known_format_is_refused(string text)
    {
        Assert.Equal(2, _cli.Run("trace", "info", _cli.File("t.csv", text)));
        Assert.StartsWith("t.csv: is no trace of a known format; begins '", _cli.Error);
        Assert.EndsWith(
            "; expected a JSON object (mooncake) or a header with these columns (burstgpt: Timestamp,Model,Request "
            + "tokens,Response tokens,Log Type; azure: TIMESTAMP,ContextTokens,GeneratedTokens; plain: "
            + "arrival_s,prompt_tokens,output_tokens)\n",
            _cli.Error);
    }

    [Fact]
    public void A_folder_and_a_missing_file_are_told()
    {
        Directory.CreateDirectory(_cli.In("there"));
        string[][] commands = [["info"], ["convert", "--to", "plain", "--force"]];
        foreach (string[] command in commands)
        {
            string[] args = ["trace", .. command];
            string[] output = command.Length == 1 ? [] : [_cli.In("out")];
            Assert.Equal(2, _cli.Run([.. args, _cli.In("there"), .. output]));
            Assert.Equal("there: is a folder; expected a trace file\n", _cli.Error);
            Assert.Equal(2, _cli.Run([.. args, _cli.In("no.csv"), .. output]));
            Assert.Equal("no.csv: no such file: no.csv\n", _cli.Error);
        }
    }

    [Theory]
    [InlineData("a file", "info", "")]
    [InlineData("a file", "info", "", "--format", "plain")]
    [InlineData("a file", "convert", "", "o.csv", "--to", "plain")]
    [InlineData("a file to write", "convert", "t.csv", "", "--to", "plain")]
    [InlineData("a folder", "fetch", "BurstGPT_1.csv", "--out", "")]
    public void A_path_of_no_text_is_told(string expected, params string[] args)
    {
        Assert.Equal(2, _cli.Run(["trace", .. args]));
        Assert.Equal(($"'': found no path, expected {expected}\n", ""), (_cli.Error, _cli.Output));
    }

    [Fact]
    public void Convert_tells_what_was_dropped_and_lost()
    {
        Prints(
            """
            read    t.csv, plain, 3 rows
            dropped 1 failed, 1 of them without any size
            written out.jsonl, mooncake, 2 rows
            lost    session: 2 rows
            lost    tenant: 2 rows
            note    hash ids are made up for blocks of 512 tokens: shared in a shared prefix only

            """,
            "trace", "convert", _cli.File("t.csv", Plain), _cli.In("out.jsonl"));
    }

    [Fact]
    public void Convert_asks_for_the_format_and_hears_quiet_and_force()
    {
        string input = _cli.File("t.csv", Plain);
        Assert.Equal(2, _cli.Run("trace", "convert", input, _cli.In("out.csv")));
        Assert.Equal(
            "out.csv: the name does not tell the format; say it with --to; known: burstgpt, azure, mooncake, plain\n",
            _cli.Error);
        string[] good = ["trace", "convert", input, _cli.In("out.csv"), "--to", "plain-trace", "--quiet"];
        Assert.Equal((0, "", ""), (_cli.Run(good), _cli.Output, _cli.Error));
        Assert.Equal(2, _cli.Run(good));
        Assert.Equal(0, _cli.Run([.. good, "--force"]));
    }

    [Fact]
    public void A_link_is_not_replaced_by_force()
    {
        string input = _cli.File("t.csv", Plain);
        File.CreateSymbolicLink(_cli.In("out"), _cli.File("precious", "precious"));
        Assert.Equal(2, _cli.Run("trace", "convert", input, _cli.In("out"), "--to", "azure", "--force"));
        Assert.StartsWith("out: is a link or no regular file, which --force does not replace", _cli.Error);
        Assert.Equal("precious", File.ReadAllText(_cli.In("out")));
    }

    [Fact]
    public void A_cancelled_conversion_leaves_nothing_behind()
    {
        string input = _cli.File("t.csv", Plain);
        _cli.Interrupt();
        Assert.Equal(130, _cli.Run("trace", "convert", input, _cli.In("out"), "--to", "azure"));
        Assert.Equal([input], Directory.GetFileSystemEntries(_cli.Folder));
    }

    private void Prints(string expected, params string[] args)
    {
        Assert.Equal((0, ""), (_cli.Run(args), _cli.Error));
        Assert.Equal(expected, _cli.Output.Replace(_cli.Folder + "/", ""));
    }
}
