using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Running;
using ServingSim.Experiments.Scenarios;

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

    /// <summary>Explains the scenario: facts as comments, then the scenario as understood, which can be run.</summary>
    public static int Execute(ScenarioArguments arguments, CommandContext context, Catalog catalog)
    {
        LoadedScenario scenario = arguments.Load(catalog);
        foreach (string fact in ScenarioFacts.Of(scenario))
        {
            WrappedText.Write(context.Output, "# ", "#     ", fact);
        }

        context.Output.Write(scenario.ToYaml(Environment.CurrentDirectory));
        return ExitCode.Done;
    }
}
