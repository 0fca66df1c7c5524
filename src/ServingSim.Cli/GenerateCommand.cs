using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Modelling;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>workload generate MODEL.yaml --out FILE</c>: writes the requests of a workload as a trace.</summary>
internal static class GenerateCommand
{
    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<GenerateArguments, int> body)
    {
        var command = new Command("generate", "Write the requests of a workload as a trace.");
        var path = new Argument<string>("MODEL.yaml")
        {
            Description = "A workload: the keys workload, seed, duration and requests of a scenario.",
        };
        var output = new Option<string>("--out")
        {
            Description = "The trace to write, compressed by gzip where the name ends in .gz.",
            HelpName = "FILE",
            Required = true,
        };
        var to = new Option<string?>("--to")
        {
            Description = "Its format; mooncake where FILE ends in .jsonl and burstgpt elsewhere by default.",
            HelpName = "FORMAT",
        };
        Option<int> blockTokens = BlockTokensOption.Create();
        var overrides = new OverrideOptions(command);
        var force = new Option<bool>("--force") { Description = "Replace FILE where it is there already." };
        var quiet = new Option<bool>("--quiet") { Description = "Do not show the result." };
        command.Add(path);
        command.Add(output);
        command.Add(to);
        command.Add(blockTokens);
        command.Add(force);
        command.Add(quiet);
        command.SetAction(line => body(new GenerateArguments(
            line.GetRequiredValue(path), line.GetRequiredValue(output), line.GetValue(to), line.GetValue(blockTokens),
            overrides.Read(line), line.GetValue(force), line.GetValue(quiet))));
        return command;
    }

    /// <summary>Generates.</summary>
    public static int Execute(GenerateArguments arguments, CommandContext context, Catalog catalog)
    {
        TraceFormat? to = TraceFormats.Parse("--to", arguments.To);
        WorkloadFile file = WorkloadFile.Read(arguments.Path, arguments.Overrides.Settings, catalog);
        GeneratedTrace made = TraceGenerator.Run(
            arguments.Path, file, arguments.Output, to, arguments.BlockTokens, arguments.Overwrites, catalog,
            context.Interrupted);
        if (!arguments.IsQuiet)
        {
            context.Output.Write(WorkloadTable.Text(made));
        }

        return ExitCode.Done;
    }
}

/// <summary>What the command line of <c>workload generate</c> asks for.</summary>
/// <param name="Path">The workload.</param>
/// <param name="Output">The trace to write.</param>
/// <param name="To">The name of its format; null to tell it by its name.</param>
/// <param name="BlockTokens">Tokens behind each hash id of a Mooncake file.</param>
/// <param name="Overrides">What is laid over the workload.</param>
/// <param name="Overwrites">Whether a file that is there already is replaced.</param>
/// <param name="IsQuiet">Whether the result is not shown.</param>
internal sealed record GenerateArguments(
    string Path, string Output, string? To, int BlockTokens, OverrideArguments Overrides, bool Overwrites,
    bool IsQuiet);
