using System.CommandLine;

namespace ServingSim.Cli;

/// <summary><c>list [KIND]</c>: tells which parts a scenario can name, and their options.</summary>
internal static class ListCommand
{
    /// <summary>The command; <paramref name="body"/> does the work, given a kind or null for all.</summary>
    public static Command Create(Func<string?, int> body)
    {
        var command = new Command("list", "Tell which parts a scenario can name, with their options.");
        var kind = new Argument<string?>("KIND")
        {
            Description = "The kind of part, as in eviction; all kinds by default.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        command.Add(kind);
        command.SetAction(line => body(line.GetValue(kind)));
        return command;
    }

    /// <summary>Lists the parts.</summary>
    public static int Execute(string? kind, CommandContext context) =>
        throw new NotSupportedException($"list {kind}: the catalog is not connected ({context})");
}
