using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Modelling;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>workload fit TRACE --out MODEL.yaml</c>: models what a trace shows.</summary>
internal static class FitCommand
{
    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<FitArguments, int> body)
    {
        var command = new Command(
            "fit", "Fit a workload to a trace, for scenarios to include and 'generate' to write.");
        var path = new Argument<string>("TRACE") { Description = "The trace to read, also compressed by gzip." };
        var file = new Option<string>("--out")
        {
            Description = "The workload file to write.",
            HelpName = "MODEL.yaml",
            Required = true,
        };
        var format = new Option<string?>("--format")
        {
            Description = $"The trace's format ({TraceFormats.Known}); by default told by the first line.",
            HelpName = "FORMAT",
        };
        Option<int> blockTokens = BlockTokensOption.Create();
        var quiet = new Option<bool>("--quiet") { Description = "Do not show what was fitted." };
        command.Add(path);
        command.Add(file);
        command.Add(format);
        command.Add(blockTokens);
        command.Add(quiet);
        command.SetAction(line => body(new FitArguments(
            line.GetRequiredValue(path), line.GetRequiredValue(file), line.GetValue(format),
            line.GetValue(blockTokens), line.GetValue(quiet))));
        return command;
    }

    /// <summary>Fits and writes.</summary>
    public static int Execute(FitArguments arguments, CommandContext context, Catalog catalog)
    {
        WorkloadFit fit = WorkloadFit.Of(
            arguments.Path, TraceFormats.Parse("--format", arguments.Format), arguments.BlockTokens, catalog,
            context.Interrupted);
        fit.Write(arguments.File);
        if (!arguments.IsQuiet)
        {
            context.Output.Write(WorkloadTable.Text(fit));
            context.Output.WriteLine($"written to {arguments.File}");
        }

        return ExitCode.Done;
    }
}

/// <summary>What the command line of <c>workload fit</c> asks for.</summary>
/// <param name="Path">The trace.</param>
/// <param name="File">The file to write.</param>
/// <param name="Format">The name of the trace's format; null to tell it by its first line.</param>
/// <param name="BlockTokens">Tokens behind each hash id of a Mooncake file.</param>
/// <param name="IsQuiet">Whether nothing is shown.</param>
internal sealed record FitArguments(string Path, string File, string? Format, int BlockTokens, bool IsQuiet);
