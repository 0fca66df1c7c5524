using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace ServingSim.Cli;

/// <summary>The part of a command line that overrides what scenarios say.</summary>
internal sealed class OverrideOptions
{
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

    /// <summary>Makes a command take overrides.</summary>
    public OverrideOptions(Command command)
    {
        command.Add(_set);
        command.Add(_seed);
    }

    /// <summary>What the user wrote.</summary>
    public OverrideArguments Read(ParseResult line) => new(line.GetRequiredValue(_set), line.GetValue(_seed));

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

/// <summary>What overrides a scenario.</summary>
/// <param name="Sets">Overrides as written, <c>path=value</c>, in the order of the command line.</param>
/// <param name="Seed">The seed that replaces the scenario's; null to keep it.</param>
internal sealed record OverrideArguments(IReadOnlyList<string> Sets, long? Seed)
{
    /// <summary>All of it as settings.</summary>
    public IReadOnlyList<string> Settings => Seed is { } seed ? [.. Sets, $"seed={seed}"] : Sets;
}
