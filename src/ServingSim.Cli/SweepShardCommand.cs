using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Sweeping;

namespace ServingSim.Cli;

/// <summary>
/// <c>sweep run-shard</c>: runs one of several parts of a sweep, as engines start it on many machines.
/// </summary>
internal static class SweepShardCommand
{
    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<SweepShardArguments, int> body)
    {
        var command = new Command("run-shard", "Run one part of a sweep; 'sweep gather' makes tables of all parts.");
        var options = new SweepOptions(command);
        var shard = new Option<string?>("--shard")
        {
            Description = "Which part of how many, from 0; by default the engine's variable tells which: "
                + "SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX (from 0) or PARALLEL_SEQ (from 1).",
            HelpName = "i/N",
        };
        var shards = new Option<int?>("--shards")
        {
            Description = "How many parts there are, where the engine tells which one this is.",
            HelpName = "N",
            CustomParser = argument => ManyRunsOptions.Parse(argument, "--shards"),
        };
        command.Add(shard);
        command.Add(shards);
        command.SetAction(line => body(
            new SweepShardArguments(options.Read(line), line.GetValue(shard), line.GetValue(shards))));
        return command;
    }

    /// <summary>Runs the shard.</summary>
    public static int Execute(SweepShardArguments arguments, CommandContext context, Catalog catalog)
    {
        var shard = Shard.Parse(arguments.Shard, arguments.Shards, Environment.GetEnvironmentVariable);
        Sweep sweep = arguments.Sweep.Load(catalog);
        string folder = arguments.Sweep.FolderOf(sweep);
        sweep.Plan.WriteOrMatch(folder);
        if (SweepCommand.Run(sweep, new UnitStore(folder, sweep.Plan.Version), shard, arguments.Sweep, context)
            is not { } counts)
        {
            return ExitCode.Interrupted;
        }

        if (!arguments.Sweep.IsQuiet)
        {
            context.Output.WriteLine($"shard {shard.Index} of {shard.Count}: {SweepCommand.Told(counts)}");
        }

        return ExitCode.Done;
    }
}

/// <summary>What the command line of <c>sweep run-shard</c> asks for.</summary>
/// <param name="Sweep">Which sweep.</param>
/// <param name="Shard">"i/N"; null where the engine tells which.</param>
/// <param name="Shards">How many shards; null where <paramref name="Shard"/> tells.</param>
internal sealed record SweepShardArguments(SweepArguments Sweep, string? Shard, int? Shards);
