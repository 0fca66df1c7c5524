using System.CommandLine;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>trace</c>: what can be done with traces; <c>trace info FILE</c> tells what one holds.</summary>
internal static class TraceCommand
{
    /// <summary>The command; each body does the work of a command below it.</summary>
    public static Command Create(
        Func<TraceInfoArguments, int> infoBody, Func<FetchArguments, int> fetchBody,
        Func<ConvertArguments, int> convertBody)
    {
        var path = new Argument<string>("FILE") { Description = "The trace to read, also compressed by gzip." };
        var format = new Option<string?>("--format")
        {
            Description = $"Its format ({TraceFormats.Known}); by default told by the first line.",
            HelpName = "FORMAT",
        };
        Option<int> blockTokens = BlockTokensOption.Create();
        var info = new Command("info", "Tell what a trace holds: rows, span, failures, lengths.")
        {
            path, format, blockTokens,
        };
        info.SetAction(line => infoBody(new TraceInfoArguments(
            line.GetRequiredValue(path), line.GetValue(format), line.GetValue(blockTokens))));
        return new Command("trace", "Work with traces of real requests.")
        {
            info, FetchCommand.Create(fetchBody), ConvertCommand.Create(convertBody),
        };
    }

    /// <summary>Tells what the trace holds.</summary>
    public static int Execute(TraceInfoArguments arguments, CommandContext context)
    {
        TraceFormat? format = TraceFormats.Parse("--format", arguments.Format);
        context.Output.Write(TraceTable.Text(TraceInfo.Read(arguments.Path, format, arguments.BlockTokens)));
        return ExitCode.Done;
    }
}
