using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Cli;

/// <summary><c>list [KIND]</c>: tells which parts a scenario can name, and their options.</summary>
internal static class ListCommand
{
    private const string LatencyFolder = "latency";

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
    public static int Execute(string? kind, CommandContext context, Catalog catalog)
    {
        IPartKind[] parts = [.. catalog.PartKinds.Where(k => kind is null || IsMeant(kind, k.Name))];
        string[] folders =
            [.. catalog.FileKinds.Select(f => f.Folder).Distinct().Where(f => kind is null || kind == f)];
        if (parts.Length + folders.Length == 0)
        {
            string known = string.Join(", ", catalog.PartKinds.Select(k => Word(k.Name))
                .Concat(catalog.FileKinds.Select(f => f.Folder).Distinct()));
            context.Error.WriteLine($"there is no kind '{kind}'; known: {known}");
            return ExitCode.UserError;
        }

        foreach (IPartKind part in parts)
        {
            Write(part, context.Output, catalog);
        }

        foreach (string folder in folders)
        {
            context.Output.WriteLine($"configs/{folder}");
            if (folder == LatencyFolder)
            {
                WriteLatencyFiles(context.Output, catalog);
                continue;
            }

            WrappedText.Write(context.Output, "  ", "  ", string.Join(", ", catalog.FilesIn(folder)));
        }

        return ExitCode.Done;
    }

    private static void Write(IPartKind kind, TextWriter output, Catalog catalog)
    {
        output.WriteLine(kind.Name);
        foreach (IPart part in kind.Parts)
        {
            output.WriteLine($"  {part.Name,-20} {part.Summary}");
            foreach (OptionInfo option in OptionInfo.Of(part.OptionsType, catalog))
            {
                string value = option.Default is null ? "required" : $"default {option.Default}";
                WrappedText.Write(output, "      ", "        ", $"{option.Name}: {option.Type}; {value}");
            }
        }
    }

    private static void WriteLatencyFiles(TextWriter output, Catalog catalog)
    {
        foreach (string name in catalog.FilesIn(LatencyFolder))
        {
            WrappedText.Write(
                output, $"  {name,-30} ", new string(' ', 33), catalog.ReadLatencyFile(name).Provenance());
        }
    }

    private static bool IsMeant(string kind, string name) =>
        Word(name) == kind || Word(name) + "s" == kind || Word(name).StartsWith(kind + "-", StringComparison.Ordinal);

    private static string Word(string name) => name.Replace(' ', '-');
}
