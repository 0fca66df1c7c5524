using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;
using ServingSim.Experiments;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Reproducing;
using ServingSim.Experiments.Results;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>reproduce PACK [FIGURE ...]</c>: makes a paper's figures again, beside what was published.</summary>
internal static partial class ReproduceCommand
{
    private const string Page = "index.md";

    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<ReproduceArguments, int> body)
    {
        var command = new Command("reproduce", "Make a paper's figures and tables again, beside what was published.");
        var pack = new Argument<string>("PACK")
        {
            Description = "What to reproduce, as in burstgpt: a folder of configs/reproductions, or one of your own.",
        };
        var figures = new Argument<string[]>("FIGURE")
        {
            Description = "Which of its figures, as in readme-fig1; all by default.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var traces = new Option<string[]>("--trace")
        {
            Description = "The real rows, also compressed by gzip; may be given several times. Figures whose rows are "
                + "not among them are left out. Without it rows are generated.",
            HelpName = "FILE",
        };
        var folder = new Option<string?>("--out")
        {
            Description = "The folder for index.md, pictures and CSV files; results/reproduce-PACK by default. "
                + "Files that an earlier reproduction wrote there go.",
            HelpName = "DIR",
        };
        var seed = new Option<long>("--seed")
        {
            Description = "The seed of generated rows and simulations; 1 by default.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var jobs = new Option<int?>("--jobs")
        {
            Description = "How many simulations run at a time; as many as there are processors by default.",
            HelpName = "N",
            CustomParser = argument => ManyRunsOptions.Parse(argument, "--jobs"),
        };
        var quiet = new Option<bool>("--quiet") { Description = "Show neither progress nor the result." };
        command.Add(pack);
        command.Add(figures);
        command.Add(traces);
        command.Add(folder);
        command.Add(seed);
        command.Add(jobs);
        command.Add(quiet);
        command.SetAction(line => body(new ReproduceArguments(
            line.GetRequiredValue(pack), line.GetValue(figures) ?? [], line.GetValue(traces) ?? [],
            line.GetValue(folder), line.GetValue(seed), line.GetValue(jobs) ?? Environment.ProcessorCount,
            line.GetValue(quiet))));
        return command;
    }

    /// <summary>Reproduces.</summary>
    public static int Execute(ReproduceArguments arguments, CommandContext context, Catalog catalog)
    {
        Pack pack = Pack.Read(arguments.Pack, catalog);
        IReadOnlyList<PackFigure> figures = pack.Choose(arguments.Figures);
        string path = arguments.Folder ?? Path.Combine("results", $"reproduce-{pack.Name}");
        using (var folder = new ResultFolder(path, [.. FilesOfEarlier(path)]))
        {
            using PackData data = new(pack, arguments.Traces, arguments.Seed, catalog, context.Interrupted);
            ReproducedPack result = Reproducer.Run(
                pack, figures, data, arguments.Seed, new ParallelRuns(arguments.Jobs, context.Interrupted), catalog,
                figure => Tell(arguments, context, figure));
            Write(folder, result);
            folder.Complete();
            if (!arguments.IsQuiet)
            {
                context.Output.Write(ReproductionTable.Text(result));
            }
        }

        if (!arguments.IsQuiet)
        {
            context.Output.WriteLine($"results in {path}");
        }

        return ExitCode.Done;
    }

    private static void Tell(ReproduceArguments arguments, CommandContext context, PackFigure figure)
    {
        if (context.IsErrorTerminal && !arguments.IsQuiet)
        {
            context.Error.WriteLine($"{figure.Id}: {figure.File.Title}");
        }
    }

    /// <summary>
    /// The pictures and tables that the page of an earlier reproduction in this folder shows. They go unless they are
    /// made again, for the new page and numbers do not tell of them.
    /// </summary>
    private static IEnumerable<string> FilesOfEarlier(string path)
    {
        string page = Path.Combine(path, Page);
        if (!File.Exists(page))
        {
            return [];
        }

        string[] extensions = [ReproductionPictures.Png, ReproductionPictures.Svg, ReproducedCsv.Extension];
        return MarkdownLink().Matches(File.ReadAllText(page)).Select(m => m.Groups[1].Value)
            .Where(name => extensions.Contains(Path.GetExtension(name)) && Path.GetFileName(name) == name).Distinct();
    }

    /// <summary>Where a link of Markdown leads.</summary>
    [GeneratedRegex(@"\]\(([^()\s]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex MarkdownLink();

    private static void Write(ResultFolder folder, ReproducedPack result)
    {
        ReproducedCsv.Write(folder, result);
        foreach (Comparison figure in result.Figures)
        {
            ReproductionPictures.Write(folder, figure);
        }

        using Stream page = folder.OpenFile(Page);
        page.Write(Encoding.UTF8.GetBytes(ReproductionMarkdown.Text(result)));
    }
}

/// <summary>What the command line of <c>reproduce</c> asks for.</summary>
/// <param name="Pack">The name or folder of the pack.</param>
/// <param name="Figures">Which of its figures; empty for all.</param>
/// <param name="Traces">The user's traces; empty to generate rows.</param>
/// <param name="Folder">Where results go; null for the usual folder.</param>
/// <param name="Seed">The seed of all draws.</param>
/// <param name="Jobs">Simulations at a time.</param>
/// <param name="IsQuiet">Whether neither progress nor the result is shown.</param>
internal sealed record ReproduceArguments(
    string Pack, IReadOnlyList<string> Figures, IReadOnlyList<string> Traces, string? Folder, long Seed, int Jobs,
    bool IsQuiet);
