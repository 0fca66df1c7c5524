using System.CommandLine;
using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Cli;

/// <summary><c>trace fetch NAME</c>: downloads a trace from its publisher and checks it.</summary>
internal static class FetchCommand
{
    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<FetchArguments, int> body)
    {
        var command = new Command("fetch", "Download a BurstGPT release file and check its SHA-256.");
        var name = new Argument<string?>("NAME")
        {
            Description = "The release file, as in BurstGPT_1.csv; without it those known are listed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var folder = new Option<string>("--out")
        {
            Description = "The folder for the file; traces by default.",
            HelpName = "DIR",
            DefaultValueFactory = _ => "traces",
        };
        var quiet = new Option<bool>("--quiet") { Description = "Show neither progress nor the result." };
        command.Add(name);
        command.Add(folder);
        command.Add(quiet);
        command.SetAction(line => body(new FetchArguments(
            line.GetValue(name), line.GetRequiredValue(folder), line.GetValue(quiet))));
        return command;
    }

    /// <summary>Downloads one of these files.</summary>
    public static int Execute(FetchArguments arguments, CommandContext context, IReadOnlyList<ReleaseFile> files)
    {
        if (arguments.Name is null)
        {
            return Show(files, arguments, context);
        }

        using HttpClient client = ReleaseDownload.Client();
        var download = new ReleaseDownload(ReleaseFiles.Find(files, arguments.Name), arguments.Folder, client);
        try
        {
            string result = Run(download, arguments, context);
            if (!arguments.IsQuiet)
            {
                context.Output.WriteLine(result);
            }

            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
            context.Error.WriteLine($"interrupted{download.Kept}");
            return ExitCode.Interrupted;
        }
    }

    private static int Show(IReadOnlyList<ReleaseFile> files, FetchArguments arguments, CommandContext context)
    {
        int width = files.Max(f => f.Name.Length);
        foreach (ReleaseFile file in arguments.IsQuiet ? [] : files)
        {
            context.Output.WriteLine($"{file.Name.PadRight(width)} {file.Bytes,11:N0} bytes");
        }

        return ExitCode.Done;
    }

    private static string Run(ReleaseDownload download, FetchArguments arguments, CommandContext context)
    {
        using var line = new ProgressLine(
            context.Error, context.IsErrorTerminal && !arguments.IsQuiet, TimeProvider.System);
        return download.RunAsync(line.ReportBytes, context.Interrupted).GetAwaiter().GetResult();
    }
}
