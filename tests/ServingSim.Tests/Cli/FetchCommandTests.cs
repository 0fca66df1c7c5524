using ServingSim.Cli;
using ServingSim.Experiments;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Tests.Experiments.Workloads.Traces;
using Xunit;

namespace ServingSim.Tests.Cli;

public sealed class FetchCommandTests : IDisposable
{
    private const string Known = "known: BurstGPT_1.csv, BurstGPT_without_fails_1.csv, BurstGPT_2.csv, "
        + "BurstGPT_without_fails_2.csv, BurstGPT_3.csv, BurstGPT_without_fails_3.csv";

    private static readonly byte[] Content = "0123456789"u8.ToArray();

    private readonly CommandRun _cli = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly CancellationTokenSource _interrupted = new();

    public void Dispose()
    {
        _cli.Dispose();
        _output.Dispose();
        _error.Dispose();
        _interrupted.Dispose();
    }

    [Theory]
    [InlineData("BurstGPT_4: no release file of this name (did you mean 'BurstGPT_1.csv'?); " + Known, "BurstGPT_4")]
    [InlineData(
        "BurstGPT-3.csv: no release file of this name (did you mean 'BurstGPT_3.csv'?); " + Known, "BurstGPT-3.csv")]
    [InlineData("../../x: no release file of this name; " + Known, "../../x")]
    public void An_unknown_name_is_told_with_those_known(string message, string name)
    {
        Assert.Equal(2, _cli.Run(["trace", "fetch", name, "--out", _cli.Folder]));
        Assert.Equal((message + Environment.NewLine, ""), (_cli.Error, _cli.Output));
        Assert.Empty(Directory.GetFileSystemEntries(_cli.Folder));
    }

    [Fact]
    public void Without_a_name_the_files_are_listed_with_their_sizes()
    {
        Assert.Equal((0, ""), (_cli.Run("trace", "fetch", "--out", _cli.In("new")), _cli.Error));
        Assert.Equal(
            """
            BurstGPT_1.csv                52,283,111 bytes
            BurstGPT_without_fails_1.csv  51,429,517 bytes
            BurstGPT_2.csv               144,819,209 bytes
            BurstGPT_without_fails_2.csv 142,376,815 bytes
            BurstGPT_3.csv               231,682,327 bytes
            BurstGPT_without_fails_3.csv 217,312,026 bytes

            """.ReplaceLineEndings(),
            _cli.Output);
        Assert.Empty(Directory.GetFileSystemEntries(_cli.Folder));
        Assert.Equal((0, ""), (_cli.Run("trace", "fetch", "--quiet"), _cli.Output));
    }

    [Fact]
    public void A_folder_that_is_a_file_is_told()
    {
        string file = _cli.File("t", "x");
        Assert.Equal(2, _cli.Run("trace", "fetch", "BurstGPT_1", "--out", file));
        Assert.Equal("t: is a file; expected a folder to put the file into" + Environment.NewLine, _cli.Error);
        Assert.Equal(2, _cli.Run("trace", "fetch", "BurstGPT_1", "--out", Path.Combine(file, "below")));
        Assert.StartsWith("t/below/BurstGPT_1.csv: cannot be written: ", _cli.Error);
        Assert.Equal("x", File.ReadAllText(file));
    }

    [Fact]
    public async Task A_file_comes_into_a_new_folder_and_the_result_goes_to_standard_output()
    {
        await using LoopbackServer server = new((_, _) => LoopbackServer.Answer.Ok(Content));

        Assert.Equal(0, Fetch(server, "t"));
        Assert.Equal(
            ($"{Target}: 10 bytes as published; its SHA-256 is not known and was not checked, it is "
                + "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882" + Environment.NewLine, ""),
            (_output.ToString(), _error.ToString()));
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task Quiet_prints_nothing()
    {
        await using LoopbackServer server = new((_, _) => LoopbackServer.Answer.Ok(Content));

        Assert.Equal(0, Fetch(server, "t.csv", isQuiet: true));
        Assert.Equal(("", ""), (_output.ToString(), _error.ToString()));
    }

    [Fact]
    public async Task Ctrl_C_says_what_stays_to_be_resumed()
    {
        await using LoopbackServer server = new((_, _) => LoopbackServer.Answer.Ok(Content));
        _interrupted.Cancel();

        Assert.Equal(130, Fetch(server, "t"));
        Assert.Equal("interrupted" + Environment.NewLine, _error.ToString());

        Directory.CreateDirectory(_cli.In("new"));
        File.WriteAllBytes(Target + ".part", Content[..4]);
        Assert.Equal(130, Fetch(server, "t"));
        Assert.EndsWith(
            $"interrupted; {Target}.part keeps 4 of 10 bytes, and the same command goes on from there"
            + Environment.NewLine,
            _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_output.ToString());
        Assert.Empty(server.Heard);
    }

    [Fact]
    public async Task A_network_failure_is_told_in_one_line_and_gives_exit_code_2()
    {
        await using LoopbackServer server = new((_, _) => new("503 Busy", "", []));
        ReleaseFile[] files = [FileOf(server)];

        // Through the whole command, which makes an exit code of the exception
        Assert.Equal(2, ServingSimCli.Run(
            ["trace", "fetch", "t.csv", "--out", _cli.In("new")],
            Context(),
            new CommandBodies(Catalog.Default)
            {
                TraceFetch = (arguments, context) => FetchCommand.Execute(arguments, context, files),
            }));

        Assert.Equal(
            $"{Target}: the server answers 503 Busy for {server.Address}/t.csv{Environment.NewLine}",
            _error.ToString());
        Assert.Empty(Directory.GetFileSystemEntries(_cli.Folder));
    }

    private string Target => Path.Combine(_cli.In("new"), "t.csv");

    private CommandContext Context() => new(_output, _error, false, _interrupted.Token);

    private static ReleaseFile FileOf(LoopbackServer server) =>
        new("t.csv", new Uri($"{server.Address}/t.csv"), Content.Length, null);

    private int Fetch(LoopbackServer server, string name, bool isQuiet = false) =>
        FetchCommand.Execute(new FetchArguments(name, _cli.In("new"), isQuiet), Context(), [FileOf(server)]);
}
