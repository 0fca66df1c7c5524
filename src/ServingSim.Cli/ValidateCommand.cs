using System.CommandLine;

namespace ServingSim.Cli;

/// <summary><c>validate SCENARIO.yaml</c>: reads, resolves and explains a scenario; runs nothing.</summary>
internal static class ValidateCommand
{
    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<ScenarioArguments, int> body)
    {
        var command = new Command("validate", "Read and explain a scenario, with every default, and run nothing.");
        var scenario = new ScenarioOptions(command);
        command.SetAction(line => body(scenario.Read(line)));
        return command;
    }

    /// <summary>Explains the scenario.</summary>
    public static int Execute(ScenarioArguments arguments, CommandContext context) =>
        throw new NotSupportedException($"validate {arguments.Path}: the reader is not connected ({context})");
}
