using System.CommandLine;

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
        var json = new Option<bool>("--json") { Description = "Print the summary as JSON instead of a table." };
        var quiet = new Option<bool>("--quiet") { Description = "Show neither progress nor the table." };
        command.Add(folder);
        command.Add(steps);
        command.Add(json);
        command.Add(quiet);
        command.SetAction(line => body(new RunArguments(
            scenario.Read(line), line.GetValue(folder), line.GetValue(steps), line.GetValue(json),
            line.GetValue(quiet))));
        return command;
    }

    /// <summary>Runs the scenario.</summary>
    public static int Execute(RunArguments arguments, CommandContext context) =>
        throw new NotSupportedException($"run {arguments.Scenario.Path}: the runner is not connected ({context})");
}
