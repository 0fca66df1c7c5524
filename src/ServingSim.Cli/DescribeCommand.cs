using System.CommandLine;
using System.Text;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Workloads.Traces;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>workload describe TRACE</c>: characterises a trace in text, CSV and pictures.</summary>
internal static class DescribeCommand
{
    private const string Page = "description.md";

    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<DescribeArguments, int> body)
    {
        var command = new Command(
            "describe", "Characterise a trace: load, burstiness, lengths, conversations, failures.");
        var path = new Argument<string>("TRACE") { Description = "The trace to read, also compressed by gzip." };
        var format = new Option<string?>("--format")
        {
            Description = $"Its format ({TraceFormats.Known}); by default told by the first line.",
            HelpName = "FORMAT",
        };
        Option<int> blockTokens = BlockTokensOption.Create();
        var folder = new Option<string?>("--out")
        {
            Description = "The folder for description.md, its pictures and CSV files; none are written without it.",
            HelpName = "DIR",
        };
        var quiet = new Option<bool>("--quiet") { Description = "Do not show the tables." };
        command.Add(path);
        command.Add(format);
        command.Add(blockTokens);
        command.Add(folder);
        command.Add(quiet);
        command.SetAction(line => body(new DescribeArguments(
            line.GetRequiredValue(path), line.GetValue(format), line.GetValue(blockTokens), line.GetValue(folder),
            line.GetValue(quiet))));
        return command;
    }

    /// <summary>Describes the trace.</summary>
    public static int Execute(DescribeArguments arguments, CommandContext context)
    {
        TraceDescription trace = TraceDescription.Read(
            arguments.Path, TraceFormats.Parse("--format", arguments.Format), arguments.BlockTokens,
            context.Interrupted);
        if (arguments.Folder is { } path)
        {
            using ResultFolder folder = new(path, [Page, .. DescriptionCsv.Names, .. DescriptionPictures.Names]);
            DescriptionCsv.Write(folder, trace);
            IReadOnlyList<(string, string)> pictures = DescriptionPictures.Write(folder, trace);
            context.Interrupted.ThrowIfCancellationRequested();
            using (Stream page = folder.OpenFile(Page))
            {
                page.Write(Encoding.UTF8.GetBytes(DescriptionMarkdown.Text(trace, pictures)));
            }

            folder.Complete();
        }

        if (!arguments.IsQuiet)
        {
            context.Output.Write(DescriptionTable.Text(trace));
            if (arguments.Folder is not null)
            {
                context.Output.WriteLine($"results in {arguments.Folder}");
            }
        }

        return ExitCode.Done;
    }
}

/// <summary>What the command line of <c>workload describe</c> asks for.</summary>
/// <param name="Path">The trace.</param>
/// <param name="Format">The name of its format; null to tell it by its first line.</param>
/// <param name="BlockTokens">Tokens behind each hash id of a Mooncake file.</param>
/// <param name="Folder">Where files go; null for none.</param>
/// <param name="IsQuiet">Whether no table is shown.</param>
internal sealed record DescribeArguments(
    string Path, string? Format, int BlockTokens, string? Folder, bool IsQuiet);
