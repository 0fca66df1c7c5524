using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace ServingSim.Cli;

/// <summary>The part of a command line that names a scenario: the same for every command that takes one.</summary>
internal sealed class ScenarioOptions
{
    private readonly Argument<string> _path = new("SCENARIO.yaml") { Description = "The scenario to read." };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Override a value, as in cluster.pools.main.replicas=8. May be repeated; the last one wins.",
        HelpName = "path=value",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<long?> _seed = new("--seed")
    {
        Description = "The seed of all draws, in place of the scenario's.",
        HelpName = "N",
        CustomParser = ParseSeed,
    };

    /// <summary>Makes a command take a scenario.</summary>
    public ScenarioOptions(Command command)
    {
        command.Add(_path);
        command.Add(_set);
        command.Add(_seed);
    }

    /// <summary>What the user wrote.</summary>
    public ScenarioArguments Read(ParseResult line) =>
        new(line.GetRequiredValue(_path), line.GetRequiredValue(_set), line.GetValue(_seed));

    // In place of the library's own message, which names a .NET type
    private static long? ParseSeed(ArgumentResult argument)
    {
        string text = argument.Tokens.Single().Value;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seed))
        {
            return seed;
        }

        argument.AddError($"--seed: found '{text}', expected a whole number");
        return null;
    }
}
