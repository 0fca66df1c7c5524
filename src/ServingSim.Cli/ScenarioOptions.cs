using System.CommandLine;

namespace ServingSim.Cli;

/// <summary>The part of a command line that names a scenario: the same for every command that takes one.</summary>
internal sealed class ScenarioOptions
{
    private readonly Argument<string> _path = new("SCENARIO.yaml") { Description = "The scenario to read." };
    private readonly OverrideOptions _overrides;

    /// <summary>Makes a command take a scenario.</summary>
    public ScenarioOptions(Command command)
    {
        command.Add(_path);
        _overrides = new OverrideOptions(command);
    }

    /// <summary>What the user wrote.</summary>
    public ScenarioArguments Read(ParseResult line) => new(line.GetRequiredValue(_path), _overrides.Read(line));
}
