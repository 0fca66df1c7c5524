using ServingSim.Cli;
using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cli;

public sealed class ServingSimCliTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly CancellationTokenSource _interrupted = new();
    private RunArguments? _run;
    private string? _heard;

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
        _interrupted.Dispose();
    }

    private int Run(Func<int> body, params string[] args) => ServingSimCli.Run(
        args,
        new CommandContext(_output, _error, false, _interrupted.Token),
        new CommandBodies(Catalog.Default)
        {
            Run = (arguments, _) =>
            {
                _run = arguments;
                return body();
            },
            List = (kind, _) => Hear($"list {kind ?? "all"}"),
            Validate = (scenario, _) => Hear(
                $"validate {scenario.Path} {string.Join(',', scenario.Overrides.Sets)} {scenario.Overrides.Seed}"),
            TraceInfo = (info, _) => Hear($"trace info {info.Path} {info.Format} {info.BlockTokens}"),
            TraceFetch = (fetch, _) => Hear($"trace fetch {fetch.Name ?? "nothing"} to {fetch.Folder} {fetch.IsQuiet}"),
            TraceConvert = (convert, _) => Hear(convert.ToString()),
            Schema = (kind, _) => Hear($"schema {kind}"),
        });

    private int Run(params string[] args) => Run(() => ExitCode.Done, args);

    private int Hear(string what)
    {
        _heard = what;
        return ExitCode.Done;
    }

    [Fact]
    public void A_scenario_alone_asks_for_nothing_else()
    {
        Assert.Equal(0, Run("run", "a.yaml"));
        Assert.Equal("a.yaml", _run!.Scenario.Path);
        Assert.Empty(_run.Scenario.Overrides.Sets);
        Assert.Null(_run.Scenario.Overrides.Seed);
        Assert.Equal((null, false, false, false), (_run.ResultFolder, _run.WithSteps, _run.IsJson, _run.IsQuiet));
        Assert.Equal((false, false), (_run.WithPlot, _run.IsAudited));
    }

    [Fact]
    public void Every_option_of_run_is_heard()
    {
        Assert.Equal(0, Run(
            "run", "a.yaml", "--set", "cluster.pools.main.replicas=8", "--set", "name=@b=c",
            "--seed", "-3", "--out", "there", "--steps", "--json", "--quiet"));
        Assert.Equal(["cluster.pools.main.replicas=8", "name=@b=c"], _run!.Scenario.Overrides.Sets);
        Assert.Equal(-3, _run.Scenario.Overrides.Seed);
        Assert.Equal(("there", true, true, true), (_run.ResultFolder, _run.WithSteps, _run.IsJson, _run.IsQuiet));
    }

    [Theory]
    [InlineData("list all", "list")]
    [InlineData("list eviction", "list", "eviction")]
    [InlineData("validate a.yaml x=1 7", "validate", "a.yaml", "--set", "x=1", "--seed", "7")]
    [InlineData("trace info t.csv  512", "trace", "info", "t.csv")]
    [InlineData(
        "trace info t.csv azure 16", "trace", "info", "t.csv", "--format", "azure", "--block-tokens", "16")]
    [InlineData(
        "ConvertArguments { Input = a, Output = b, From = , To = , BlockTokens = 512, Overwrites = False, "
        + "IsQuiet = False }",
        "trace", "convert", "a", "b")]
    [InlineData(
        "ConvertArguments { Input = a, Output = b, From = x, To = y, BlockTokens = 16, Overwrites = True, "
        + "IsQuiet = True }",
        "trace", "convert", "a", "b", "--from", "x", "--to", "y", "--block-tokens", "16", "--force", "--quiet")]
    [InlineData("trace fetch nothing to traces False", "trace", "fetch")]
    [InlineData("trace fetch a to b True", "trace", "fetch", "a", "--out", "b", "--quiet")]
    [InlineData("schema scenario", "schema")]
    [InlineData("schema plan", "schema", "plan")]
    [InlineData("trace info @t.csv  512", "trace", "info", "@t.csv")]
    public void The_other_commands_hear_their_arguments(string heard, params string[] args)
    {
        Assert.Equal(0, Run(args));
        Assert.Equal(heard, _heard);
    }

    [Theory]
    [InlineData]
    [InlineData("run")]
    [InlineData("runn", "a.yaml")]
    [InlineData("run", "a.yaml", "b.yaml")]
    [InlineData("run", "a.yaml", "--fast")]
    [InlineData("run", "a.yaml", "--seed", "x")]
    [InlineData("run", "a.yaml", "--seed", "1.5")]
    [InlineData("run", "a.yaml", "--set")]
    [InlineData("trace")]
    [InlineData("trace", "convert", "a")]
    [InlineData("trace", "info", "a", "--block-tokens", "0")]
    public void A_command_line_that_cannot_be_understood_is_the_users_error(params string[] args)
    {
        Assert.Equal(2, Run(args));
        Assert.Null(_run);
        Assert.Empty(_output.ToString());
        Assert.NotEmpty(_error.ToString());
    }

    [Fact]
    public void An_unknown_option_is_named()
    {
        Run("run", "a.yaml", "--fast");
        Assert.Contains("--fast", _error.ToString());
    }

    [Fact]
    public void Help_goes_to_standard_output_and_tells_of_every_option()
    {
        Assert.Equal(0, Run("run", "--help"));
        Assert.All(
            ["--set", "--seed", "--out", "--steps", "--json", "--quiet", "SCENARIO.yaml"],
            option => Assert.Contains(option, _output.ToString()));
        Assert.Empty(_error.ToString());
    }

    [Fact]
    public void A_users_error_gives_its_message_alone_and_exit_code_2()
    {
        Assert.Equal(2, Run(() => throw new ResultFolderException("cannot write", new IOException()), "run", "a.yaml"));
        Assert.Equal("cannot write" + Environment.NewLine, _error.ToString());
        Assert.Equal(2, Run(() => throw new FileNotFoundException("no such file"), "run", "a.yaml"));
        Assert.Empty(_output.ToString());
    }

    [Fact]
    public void A_bug_is_shown_whole_and_gives_exit_code_1()
    {
        Assert.Equal(1, Run(() => throw new InvariantException("3 blocks taken, 2 came back"), "run", "a.yaml"));
        Assert.Contains("3 blocks taken, 2 came back", _error.ToString());
        Assert.Contains(nameof(A_bug_is_shown_whole_and_gives_exit_code_1), _error.ToString());
        Assert.Equal(1, Run(() => throw new OperationCanceledException(), "run", "a.yaml"));
    }

    [Fact]
    public void An_interrupt_gives_exit_code_130()
    {
        _interrupted.Cancel();
        var code = Run(
            () =>
            {
                _interrupted.Token.ThrowIfCancellationRequested();
                return ExitCode.Done;
            },
            "run", "a.yaml");
        Assert.Equal(130, code);
    }
}
