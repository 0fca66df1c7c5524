using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary>
/// <c>plan PLAN.yaml</c>: the cheapest fleets that serve a workload within its SLO. That none does is an answer: it is
/// told, and the exit code is that of success.
/// </summary>
internal static class PlanCommand
{
    private const string Csv = "plan.csv";
    private const string SensitivityCsv = "sensitivity.csv";
    private const string Png = "plan.png";
    private const string BandCsv = "plan_band.csv";

    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<PlanArguments, int> body)
    {
        var command = new Command("plan", "Find the cheapest fleets that serve a workload within its SLO.");
        var path = new Argument<string>("PLAN.yaml") { Description = "The plan to read." };
        command.Add(path);
        var overrides = new OverrideOptions(command);
        var runs = new ManyRunsOptions(command);
        var folder = new Option<string?>("--out")
        {
            Description = "The folder for plan.csv, sensitivity.csv and plan.png; results/<plan's name> by default.",
            HelpName = "DIR",
        };
        var quiet = new Option<bool>("--quiet") { Description = "Show neither progress nor the tables." };
        var band = ManyRunsOptions.Band();
        command.Add(folder);
        command.Add(band);
        command.Add(quiet);
        command.SetAction(line => body(new PlanArguments(
            line.GetRequiredValue(path), overrides.Read(line), runs.Read(line), line.GetValue(folder),
            line.GetValue(band), line.GetValue(quiet))));
        return command;
    }

    /// <summary>Plans.</summary>
    public static int Execute(PlanArguments arguments, CommandContext context, Catalog catalog)
    {
        IReadOnlyList<string> replications = arguments.Runs.Replications is { } count ? [$"replications={count}"] : [];
        Plan plan = ScenarioFile.Read<Plan>(
            arguments.Path, [.. arguments.Overrides.Settings, .. replications], catalog);
        PlanResult result;
        Banded<PlanResult>? band = null;
        using (var line = new ProgressLine(
            context.Error, context.IsErrorTerminal && !arguments.IsQuiet, TimeProvider.System))
        {
            var done = 0;
            ParallelRuns parallel = new(arguments.Runs.Jobs, context.Interrupted);
            void Progress() => line.ReportRuns(Interlocked.Increment(ref done));
            if (arguments.WithBand)
            {
                band = Planner.RunBand(plan, arguments.Path, catalog, parallel, Progress);
            }

            result = band?.Central ?? Planner.Run(plan, arguments.Path, catalog, parallel, Progress);
        }

        string path = arguments.Folder ?? Path.Combine("results", plan.Name);
        Write(result, band, path);
        if (!arguments.IsQuiet)
        {
            context.Output.Write(PlanTable.Text(result, band));
            context.Output.WriteLine($"results in {path}");
        }

        return ExitCode.Done;
    }

    private static void Write(PlanResult result, Banded<PlanResult>? band, string path)
    {
        using var folder = new ResultFolder(path, [Csv, SensitivityCsv, Png, BandCsv]);
        PlanCsv.WriteCandidates(folder.OpenFile(Csv), result);
        PlanCsv.WriteSensitivities(folder.OpenFile(SensitivityCsv), result);
        if (band is not null)
        {
            PlanCsv.WriteBand(folder.OpenFile(BandCsv), band);
        }

        if (result.Fleets.Count > 0)
        {
            using var picture = folder.OpenFile(Png);
            new PlanPicture(result).WritePng(picture);
        }

        folder.Complete();
    }
}

/// <summary>What the command line of <c>plan</c> asks for.</summary>
/// <param name="Path">The plan file.</param>
/// <param name="Overrides">What is laid over it.</param>
/// <param name="Runs">How many runs are made.</param>
/// <param name="Folder">Where results go; null for <c>results/&lt;name&gt;</c>.</param>
/// <param name="WithBand">Whether also to plan with steps as fast and as slow as their error allows.</param>
/// <param name="IsQuiet">Whether neither tables nor progress are shown.</param>
internal sealed record PlanArguments(
    string Path, OverrideArguments Overrides, ManyRunsArguments Runs, string? Folder, bool WithBand,
    bool IsQuiet);
