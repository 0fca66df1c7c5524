using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Sweeping;

namespace ServingSim.Cli;

/// <summary><c>sweep SWEEP.yaml</c>: runs a scenario at many points; what has been computed is not run again.</summary>
internal static class SweepCommand
{
    /// <summary>The command and those below it.</summary>
    public static Command Create(CommandBodies bodies, CommandContext context)
    {
        var command = new Command(
            "sweep", "Run a scenario at many points; started again, it goes on where it was.")
        {
            SweepShardCommand.Create(arguments => bodies.SweepShard(arguments, context)),
            SweepGatherCommand.Create(arguments => bodies.SweepGather(arguments, context)),
            SweepSubmitCommand.Create(arguments => bodies.SweepSubmit(arguments, context)),
        };
        var options = new SweepOptions(command);
        command.SetAction(line => bodies.Sweep(options.Read(line), context));
        return command;
    }

    /// <summary>Runs what is missing, then writes tables and pictures.</summary>
    public static int Execute(SweepArguments arguments, CommandContext context, Catalog catalog)
    {
        Sweep sweep = arguments.Load(catalog);
        string folder = arguments.FolderOf(sweep);
        UnitStore store = new(folder, sweep.Plan.Version);
        store.CheckVersions();
        sweep.Plan.Write(folder);
        return Run(sweep, store, Shard.Whole, arguments, context) is not { } counts
            ? ExitCode.Interrupted
            : SweepGatherCommand.Write(sweep.Plan, store, folder, arguments.IsQuiet, Told(counts), context);
    }

    /// <summary>Runs a shard's units, telling how far it is; null if that was interrupted.</summary>
    internal static (int Run, int Skipped)? Run(
        Sweep sweep, UnitStore store, Shard shard, SweepArguments arguments, CommandContext context)
    {
        (int Done, int Total) at = (0, 0);
        try
        {
            using var line = new ProgressLine(
                context.Error, context.IsErrorTerminal && !arguments.IsQuiet, TimeProvider.System);
            return SweepRun.Execute(
                sweep,
                store,
                shard,
                new ParallelRuns(arguments.Runs.Jobs, context.Interrupted),
                (done, total) =>
                {
                    at = (Math.Max(at.Done, done), total);
                    line.ReportRuns(done, total);
                });
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
            context.Error.WriteLine(
                $"interrupted after {at.Done} of {at.Total} runs; the same command goes on from here");
            return null;
        }
    }

    /// <summary>How many runs were made and how many were not needed.</summary>
    internal static string Told((int Run, int Skipped) counts) =>
        $"{counts.Run} runs made" + (counts.Skipped > 0 ? $", {counts.Skipped} were there already" : "");
}
