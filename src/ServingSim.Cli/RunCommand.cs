using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>run SCENARIO.yaml</c>: simulates a scenario and writes its results.</summary>
internal static class RunCommand
{
    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<RunArguments, int> body)
    {
        var command = new Command("run", "Simulate a scenario and write its results.");
        var scenario = new ScenarioOptions(command);
        var folder = new Option<string?>("--out")
        {
            Description = "The folder for the results; results/<name of the scenario> by default.",
            HelpName = "DIR",
        };
        var steps = new Option<bool>("--steps") { Description = "Also write steps.csv, one row for every step." };
        var plot = new Option<bool>("--plot") { Description = "Also draw timeseries.png." };
        var audit = new Option<bool>("--audit") { Description = "Check the simulator's laws at every step; slower." };
        var band = ManyRunsOptions.Band();
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON instead of a table." };
        var quiet = new Option<bool>("--quiet") { Description = "Show neither progress nor the table." };
        command.Add(folder);
        command.Add(steps);
        command.Add(plot);
        command.Add(audit);
        command.Add(band);
        command.Add(json);
        command.Add(quiet);
        var runs = new ManyRunsOptions(command);
        command.SetAction(line => body(new RunArguments(
            scenario.Read(line), runs.Read(line), line.GetValue(folder), line.GetValue(steps), line.GetValue(plot),
            line.GetValue(audit), line.GetValue(band), line.GetValue(json), line.GetValue(quiet))));
        return command;
    }

    /// <summary>Runs the scenario.</summary>
    public static int Execute(RunArguments arguments, CommandContext context, Catalog catalog)
    {
        ParallelRuns parallel = new(arguments.Runs.Jobs, context.Interrupted);
        WarmScenario warm = WarmScenario.Of(
            arguments.Scenario.Load(catalog, arguments.Runs.Settings), parallel);
        LoadedScenario scenario = warm.Scenario;
        RunResult result;
        ReplicatedRun? replications = null;
        Banded<ReplicatedRun>? ofReplications = null;
        using (var line = new ProgressLine(
            context.Error, context.IsErrorTerminal && !arguments.IsQuiet, TimeProvider.System))
        {
            var runs = 0;
            int total = scenario.Scenario.Replications.Count;
            Banded<LoadedScenario>? ends = arguments.WithBand && total > 1 ? BandRuns.Of(scenario) : null;
            StepTimeBand? band = arguments.WithBand && total == 1
                ? BandRuns.Run(scenario, parallel, () => line.ReportRuns(Interlocked.Increment(ref runs), 3))
                : null;
            result = ScenarioRunner.Run(
                scenario,
                new RunOptions(arguments.ResultFolder ?? Path.Combine("results", scenario.Name))
                {
                    WriteSteps = arguments.WithSteps,
                    Audit = arguments.IsAudited,
                    Band = band,
                    Draw = arguments.WithPlot ? Draw : null,
                    Progress = progress => line.Report(progress.SimulatedS, progress.Ended, progress.Share),
                    Cancellation = context.Interrupted,
                });
            if (total > 1)
            {
                var done = 0;
                void Progress() =>
                    line.ReportRuns(Interlocked.Increment(ref done), total * (ends is null ? 1 : 3));
                ReplicatedRun RunEnd(LoadedScenario end) =>
                    Replications.Run(warm with { Scenario = end }, parallel, null, Progress);
                replications = Replications.Run(warm, parallel, result, Progress);
                ofReplications = ends is null
                    ? null
                    : new Banded<ReplicatedRun>(RunEnd(ends.Low), replications, RunEnd(ends.High));
                Write(replications, ofReplications, result.Folder!);
            }
        }

        if (arguments.IsJson)
        {
            context.Output.Write(SummaryJson.Text(result.Summary));
        }
        else if (!arguments.IsQuiet)
        {
            context.Output.Write(
                replications is null
                    ? SummaryTable.Text(result.Summary)
                    : EstimatesTable.Text(replications, ofReplications));
            foreach (var note in replications is null ? warm.Notes : [])
            {
                context.Output.WriteLine($"note: {note}");
            }

            context.Output.WriteLine($"results in {result.Folder}");
        }

        return ExitCode.Done;
    }

    private static void Write(ReplicatedRun run, Banded<ReplicatedRun>? band, string path)
    {
        using var folder = new ResultFolder(path, []);
        ReplicationsCsv.WriteRuns(folder.OpenFile(ResultFolder.ReplicationsCsv), run);
        ReplicationsCsv.WriteEstimates(folder.OpenFile(ResultFolder.EstimatesCsv), run, band);
        folder.Complete();
    }

    private static void Draw(Stream stream, IReadOnlyList<TimeSeriesRecord> windows, double windowS) =>
        new TimeSeriesPicture(windows, windowS).WritePng(stream);
}
