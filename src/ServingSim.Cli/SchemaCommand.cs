using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Cli;

/// <summary><c>schema</c>: writes the JSON Schema of scenarios, with which editors complete and check them.</summary>
internal static class SchemaCommand
{
    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<int> body)
    {
        var command = new Command("schema", "Write the JSON Schema of scenarios, for editors to complete and check.");
        command.SetAction(_ => body());
        return command;
    }

    /// <summary>Writes the schema.</summary>
    public static int Execute(CommandContext context, Catalog catalog)
    {
        context.Output.Write(ScenarioSchema.Write(catalog));
        return ExitCode.Done;
    }
}
