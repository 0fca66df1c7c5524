using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Sweeping;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>sweep gather DIR</c>: makes tables and pictures of results, whoever computed them.</summary>
internal static class SweepGatherCommand
{
    private const string Lines = "sweep.png";
    private const string HeatMaps = "heatmap.png";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<SweepGatherArguments, int> body)
    {
        var command = new Command("gather", "Make tables and pictures of a sweep's results; tell what is missing.");
        var folder = new Argument<string>("DIR") { Description = "The sweep's folder." };
        var wait = new Option<bool>("--wait") { Description = "Wait until all results are there." };
        var quiet = new Option<bool>("--quiet") { Description = "Do not show the table." };
        command.Add(folder);
        command.Add(wait);
        command.Add(quiet);
        command.SetAction(line => body(new SweepGatherArguments(
            line.GetRequiredValue(folder), line.GetValue(wait), line.GetValue(quiet))));
        return command;
    }

    /// <summary>Gathers.</summary>
    public static int Execute(SweepGatherArguments arguments, CommandContext context, Catalog catalog)
    {
        var plan = SweepPlan.Read(arguments.Folder, catalog);
        UnitStore store = new(arguments.Folder, plan.Version);
        store.CheckVersions();
        while (arguments.Waits && plan.Units.Any(u => store.Read(u.Id) is null))
        {
            context.Interrupted.WaitHandle.WaitOne(Pause);
            context.Interrupted.ThrowIfCancellationRequested();
        }

        return Write(plan, store, arguments.Folder, arguments.IsQuiet, null, context);
    }

    /// <summary>Writes tables and pictures of results that are all there.</summary>
    internal static int Write(
        SweepPlan plan, UnitStore store, string path, bool isQuiet, string? told, CommandContext context)
    {
        var result = SweepResult.Gather(plan, store);
        store.DeletePartial();
        using (var folder = new ResultFolder(path, [.. SweepTables.Files, Lines, HeatMaps]))
        {
            SweepTables.Write(folder, result);
            using (var picture = folder.OpenFile(Lines))
            {
                new SweepPicture(result).WritePng(picture);
            }

            if (SweepHeatMaps.Of(result) is { } maps)
            {
                using var picture = folder.OpenFile(HeatMaps);
                maps.WritePng(picture);
            }

            folder.Complete();
        }

        if (!isQuiet)
        {
            context.Output.Write(SweepTable.Text(result));
            context.Output.WriteLine($"{(told is null ? "" : told + "; ")}results in {path}");
        }

        return ExitCode.Done;
    }
}

/// <summary>What the command line of <c>sweep gather</c> asks for.</summary>
/// <param name="Folder">The sweep's folder.</param>
/// <param name="Waits">Whether to wait for results that are missing.</param>
/// <param name="IsQuiet">Whether the table is not shown.</param>
internal sealed record SweepGatherArguments(string Folder, bool Waits, bool IsQuiet);
