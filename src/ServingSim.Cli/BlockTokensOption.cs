using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace ServingSim.Cli;

/// <summary><c>--block-tokens N</c>: the same for every command that reads or writes Mooncake files.</summary>
internal static class BlockTokensOption
{
    private const int Usual = 512;

    /// <summary>The option.</summary>
    public static Option<int> Create() => new("--block-tokens")
    {
        Description = $"Tokens behind each hash id of a Mooncake file; {Usual} by default.",
        HelpName = "N",
        DefaultValueFactory = _ => Usual,
        CustomParser = Parse,
    };

    private static int Parse(ArgumentResult argument)
    {
        string text = argument.Tokens.Single().Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int tokens) && tokens > 0)
        {
            return tokens;
        }

        argument.AddError($"--block-tokens: found '{text}', expected a whole number, 1 or more");
        return Usual;
    }
}
