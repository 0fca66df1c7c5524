using System.CommandLine;
using System.Text;
using ServingSim.Experiments;
using ServingSim.Experiments.Accuracy;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>accuracy CASES.yaml ...</c>: how far simulations are from what was measured.</summary>
internal static class AccuracyCommand
{
    private const string Png = "accuracy.png";
    private const string Markdown = "accuracy.md";
    private const string Json = "accuracy.json";

    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<AccuracyArguments, int> body)
    {
        var command = new Command("accuracy", "Simulate workloads that were measured, and show how far off that is.");
        var paths = new Argument<string[]>("CASES.yaml")
        {
            Description = "Files of cases: what was measured, and the scenarios that should give the same.",
            Arity = ArgumentArity.OneOrMore,
        };
        var data = new Option<string?>("--data")
        {
            Description = "The folder of the measured files that the cases name; the folder of the cases by default.",
            HelpName = "DIR",
        };
        var inSample = new Option<bool>("--in-sample")
        {
            Description = "Score also, with a mark, what the latency model was fitted on.",
        };
        var folder = new Option<string?>("--out")
        {
            Description = "The folder for the tables and accuracy.png; results/<name of the cases> by default.",
            HelpName = "DIR",
        };
        var jobs = new Option<int?>("--jobs")
        {
            Description = "How many simulations run at a time; as many as there are processors by default.",
            HelpName = "N",
            CustomParser = argument => ManyRunsOptions.Parse(argument, "--jobs"),
        };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON instead of tables." };
        var quiet = new Option<bool>("--quiet") { Description = "Show neither progress nor tables." };
        command.Add(paths);
        command.Add(data);
        command.Add(inSample);
        var overrides = new OverrideOptions(command);
        command.Add(folder);
        command.Add(jobs);
        command.Add(json);
        command.Add(quiet);
        command.SetAction(line => body(new AccuracyArguments(
            line.GetRequiredValue(paths),
            new AccuracyOptions(
                line.GetValue(data), overrides.Read(line).Settings, line.GetValue(inSample)),
            line.GetValue(folder), line.GetValue(jobs) ?? Environment.ProcessorCount, line.GetValue(json),
            line.GetValue(quiet))));
        return command;
    }

    /// <summary>Runs the cases.</summary>
    public static int Execute(AccuracyArguments arguments, CommandContext context, Catalog catalog)
    {
        AccuracyPlan plan = AccuracyPlan.Read(arguments.Paths, arguments.Options, catalog);
        AccuracyResult result;
        using (var line = new ProgressLine(
            context.Error, context.IsErrorTerminal && !arguments.IsQuiet, TimeProvider.System))
        {
            var done = 0;
            result = AccuracyRun.Execute(
                plan, new ParallelRuns(arguments.Jobs, context.Interrupted),
                () => line.ReportRuns(Interlocked.Increment(ref done), plan.Cases.Count));
        }

        string path = arguments.Folder ?? Path.Combine("results", plan.Name);
        Write(result, path);
        if (arguments.IsJson)
        {
            context.Output.Write(AccuracyJson.Text(result));
        }
        else if (!arguments.IsQuiet)
        {
            context.Output.Write(AccuracyTable.Text(result));
            context.Output.WriteLine($"results in {path}");
        }

        return ExitCode.Done;
    }

    private static void Write(AccuracyResult result, string path)
    {
        using var folder = new ResultFolder(
            path, [AccuracyTables.Figures, AccuracyTables.Summaries, AccuracyTables.Requests, Png, Markdown, Json]);
        AccuracyTables.Write(folder, result);
        WriteText(folder, Markdown, AccuracyMarkdown.Text(result));
        WriteText(folder, Json, AccuracyJson.Text(result));
        if (AccuracyPicture.HasLatencies(result))
        {
            using Stream picture = folder.OpenFile(Png);
            new AccuracyPicture(result).WritePng(picture);
        }

        folder.Complete();
    }

    private static void WriteText(ResultFolder folder, string name, string text)
    {
        using Stream file = folder.OpenFile(name);
        file.Write(Encoding.UTF8.GetBytes(text));
    }
}

/// <summary>What the command line of <c>accuracy</c> asks for.</summary>
/// <param name="Paths">The files of cases.</param>
/// <param name="Options">How they are read.</param>
/// <param name="Folder">Where results go; null for <c>results/&lt;name&gt;</c>.</param>
/// <param name="Jobs">Simulations at a time.</param>
/// <param name="IsJson">Whether the result is printed as JSON.</param>
/// <param name="IsQuiet">Whether neither tables nor progress are shown.</param>
internal sealed record AccuracyArguments(
    IReadOnlyList<string> Paths, AccuracyOptions Options, string? Folder, int Jobs, bool IsJson, bool IsQuiet);
