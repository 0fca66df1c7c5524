using System.CommandLine;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>trace convert IN OUT</c>: writes a trace in another format.</summary>
internal static class ConvertCommand
{
    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<ConvertArguments, int> body)
    {
        var command = new Command("convert", "Write a trace in another format, and tell what it cannot hold.");
        var input = new Argument<string>("IN") { Description = "The trace to read, also compressed by gzip." };
        var output = new Argument<string>("OUT")
        {
            Description = "The trace to write, compressed by gzip where the name ends in .gz.",
        };
        var from = new Option<string?>("--from")
        {
            Description = $"The format to read ({TraceFormats.Known}); by default told by the first line.",
            HelpName = "FORMAT",
        };
        var to = new Option<string?>("--to")
        {
            Description = "The format to write; needed unless OUT ends in .jsonl, which is mooncake.",
            HelpName = "FORMAT",
        };
        Option<int> blockTokens = BlockTokensOption.Create();
        var force = new Option<bool>("--force") { Description = "Replace OUT where it is there already." };
        var quiet = new Option<bool>("--quiet") { Description = "Do not show the result." };
        command.Add(input);
        command.Add(output);
        command.Add(from);
        command.Add(to);
        command.Add(blockTokens);
        command.Add(force);
        command.Add(quiet);
        command.SetAction(line => body(new ConvertArguments(
            line.GetRequiredValue(input), line.GetRequiredValue(output), line.GetValue(from), line.GetValue(to),
            line.GetValue(blockTokens), line.GetValue(force), line.GetValue(quiet))));
        return command;
    }

    /// <summary>Converts the trace.</summary>
    public static int Execute(ConvertArguments arguments, CommandContext context)
    {
        TraceConversion result = TraceConverter.Run(
            arguments.Input, TraceFormats.Parse("--from", arguments.From), arguments.Output,
            TraceFormats.Parse("--to", arguments.To), arguments.BlockTokens, arguments.Overwrites, context.Interrupted);
        if (!arguments.IsQuiet)
        {
            context.Output.Write(ConversionTable.Text(result));
        }

        return ExitCode.Done;
    }
}
