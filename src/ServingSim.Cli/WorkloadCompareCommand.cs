using System.CommandLine;
using System.Globalization;
using ServingSim.Experiments;
using ServingSim.Experiments.Distances;
using ServingSim.Experiments.Results;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>workload compare A B</c>: how far two traces are apart, also in what they do to a cluster.</summary>
internal static class WorkloadCompareCommand
{
    private const string Distances = "distances.csv";
    private const string Replayed = "replayed.csv";
    private const string Png = "distances.png";
    private const string HeldBack = "held_back.csv";

    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<WorkloadCompareArguments, int> body)
    {
        var command = new Command(
            "compare",
            "Tell how far two traces are apart; of one trace, how well models make a day that they did not see.");
        var a = new Argument<string>("A") { Description = "The first trace." };
        var b = new Argument<string?>("B")
        {
            Description = "The second; without it, the first's workdays are held back one by one.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<int> blockTokens = BlockTokensOption.Create();
        var scale = new Option<double?>("--time-scale")
        {
            Description = "What times are divided by in simulations; by default A then has 2 requests a second.",
            HelpName = "N",
            CustomParser = argument =>
            {
                string text = argument.Tokens.Single().Value;
                if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                    && number is >= 1e-6 and <= 1e6)
                {
                    return number;
                }

                argument.AddError($"--time-scale: found '{text}', expected a number from 1e-6 to 1e6");
                return null;
            },
        };
        var scenario = new Option<string?>("--cluster")
        {
            Description = "A scenario whose cluster serves both; by default one replica of Llama-2-13B on an A100.",
            HelpName = "SCENARIO.yaml",
        };
        var noReplay = new Option<bool>("--no-replay")
        {
            Description = "Compare the traces only, and simulate nothing.",
        };
        var folder = new Option<string?>("--out")
        {
            Description = "The folder for CSV files and a picture; none are written without it.",
            HelpName = "DIR",
        };
        var quiet = new Option<bool>("--quiet") { Description = "Do not show the tables." };
        command.Add(a);
        command.Add(b);
        command.Add(blockTokens);
        command.Add(scale);
        command.Add(scenario);
        command.Add(noReplay);
        command.Add(folder);
        command.Add(quiet);
        command.SetAction(line => body(new WorkloadCompareArguments(
            line.GetRequiredValue(a), line.GetValue(b), line.GetValue(blockTokens), line.GetValue(scale),
            line.GetValue(scenario), !line.GetValue(noReplay), line.GetValue(folder), line.GetValue(quiet))));
        return command;
    }

    /// <summary>Compares.</summary>
    public static int Execute(WorkloadCompareArguments arguments, CommandContext context, Catalog catalog)
    {
        string text = arguments.B is { } b
            ? CompareTwo(arguments, b, context, catalog)
            : HoldBack(arguments, context, catalog);
        if (!arguments.IsQuiet)
        {
            context.Output.Write(text);
            if (arguments.Folder is not null)
            {
                context.Output.WriteLine($"results in {arguments.Folder}");
            }
        }

        return ExitCode.Done;
    }

    private static string CompareTwo(
        WorkloadCompareArguments arguments, string b, CommandContext context, Catalog catalog)
    {
        WorkloadComparison comparison = WorkloadComparison.Of(
            arguments.A, b, arguments.BlockTokens, arguments.IsReplayed, arguments.TimeScale, arguments.Scenario,
            catalog, context.Interrupted);
        if (arguments.Folder is { } path)
        {
            using ResultFolder folder = new(path, [Distances, Replayed, Png, HeldBack]);
            DistanceCsv.WriteMeasures(folder.OpenFile(Distances), comparison);
            if (arguments.IsReplayed)
            {
                DistanceCsv.WriteReplayed(folder.OpenFile(Replayed), comparison);
            }

            using (Stream picture = folder.OpenFile(Png))
            {
                new DistancePicture(comparison).WritePng(picture);
            }

            folder.Complete();
        }

        return DistanceTable.Text(comparison);
    }

    private static string HoldBack(WorkloadCompareArguments arguments, CommandContext context, Catalog catalog)
    {
        IReadOnlyList<HeldBackDays> services = HeldBackDays.Of(
            arguments.A, arguments.BlockTokens, catalog, context.Interrupted);
        if (arguments.Folder is { } path)
        {
            using ResultFolder folder = new(path, [Distances, Replayed, Png, HeldBack]);
            DistanceCsv.WriteHeldBack(folder.OpenFile(HeldBack), services);
            folder.Complete();
        }

        return DistanceTable.Text(services);
    }
}

/// <summary>What the command line of <c>workload compare</c> asks for.</summary>
/// <param name="A">The first trace.</param>
/// <param name="B">The second; null to hold back days of the first.</param>
/// <param name="BlockTokens">Tokens behind each hash id of a Mooncake file.</param>
/// <param name="TimeScale">What times are divided by in simulations; null for the usual.</param>
/// <param name="Scenario">The scenario whose cluster serves both; null for the usual.</param>
/// <param name="IsReplayed">Whether both are simulated.</param>
/// <param name="Folder">Where files go; null for none.</param>
/// <param name="IsQuiet">Whether no table is shown.</param>
internal sealed record WorkloadCompareArguments(
    string A, string? B, int BlockTokens, double? TimeScale, string? Scenario, bool IsReplayed, string? Folder,
    bool IsQuiet);
