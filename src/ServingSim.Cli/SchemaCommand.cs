using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Accuracy;
using ServingSim.Experiments.Calibrating;
using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Sweeping;

namespace ServingSim.Cli;

/// <summary><c>schema [KIND]</c>: writes the JSON Schema of files, for editors to complete and check.</summary>
internal static class SchemaCommand
{
    private const string Usual = "scenario";

    private static readonly Dictionary<string, Type> Roots = new()
    {
        [Usual] = typeof(Scenario),
        ["sweep"] = typeof(SweepFile),
        ["plan"] = typeof(Plan),
        ["accuracy"] = typeof(AccuracyFile),
        ["calibration"] = typeof(Calibration),
        ["latency"] = typeof(LatencyFile),
    };

    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<string, int> body)
    {
        var command = new Command("schema", "Write the JSON Schema of files, for editors to complete and check.");
        var kind = new Argument<string>("KIND")
        {
            Description = "scenario (the default), sweep, plan, accuracy, calibration or latency.",
            DefaultValueFactory = _ => Usual,
        };
        kind.AcceptOnlyFromAmong([.. Roots.Keys]);
        command.Add(kind);
        command.SetAction(line => body(line.GetRequiredValue(kind)));
        return command;
    }

    /// <summary>Writes the schema.</summary>
    public static int Execute(string kind, CommandContext context, Catalog catalog)
    {
        context.Output.Write(ScenarioSchema.Write(catalog, Roots[kind]));
        return ExitCode.Done;
    }
}
