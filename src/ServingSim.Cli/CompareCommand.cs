using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Comparing;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>compare A.yaml B.yaml ...</c>: how scenarios differ, with confidence intervals.</summary>
internal static class CompareCommand
{
    private const int FewestReplications = 5;
    private const string Csv = "comparison.csv";
    private const string Png = "comparison.png";

    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<CompareArguments, int> body)
    {
        var command = new Command(
            "compare", "Compare scenarios, or one under several values, run by run with the same chance.");
        var paths = new Argument<string[]>("SCENARIO.yaml")
        {
            Description = "The scenarios; the others are compared with the first.",
            Arity = ArgumentArity.OneOrMore,
        };
        var vary = new Option<string[]>("--vary")
        {
            Description = "Try several values, as in cluster.router=random,round-robin. Repeated: all combinations.",
            HelpName = "path=a,b,c",
            DefaultValueFactory = _ => [],
        };
        var figures = new Option<string[]>("--figure")
        {
            Description = "A figure of summary.json to show, as p99_ttft_ms. May be repeated; a dozen by default.",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        command.Add(paths);
        command.Add(vary);
        command.Add(figures);
        var overrides = new OverrideOptions(command);
        var runs = new ManyRunsOptions(command);
        var folder = new Option<string?>("--out")
        {
            Description = "The folder for comparison.csv and comparison.png; results/compare by default.",
            HelpName = "DIR",
        };
        var band = ManyRunsOptions.Band();
        var quiet = new Option<bool>("--quiet") { Description = "Show neither progress nor the table." };
        command.Add(folder);
        command.Add(band);
        command.Add(quiet);
        command.SetAction(line => body(new CompareArguments(
            line.GetRequiredValue(paths), line.GetRequiredValue(vary), line.GetRequiredValue(figures),
            overrides.Read(line), runs.Read(line), line.GetValue(folder) ?? Path.Combine("results", "compare"),
            line.GetValue(band), line.GetValue(quiet))));
        return command;
    }

    /// <summary>Compares.</summary>
    public static int Execute(CompareArguments arguments, CommandContext context, Catalog catalog)
    {
        List<(string Name, LoadedScenario Scenario)> variants = Load(arguments, catalog);
        if (variants.Count < 2)
        {
            context.Error.WriteLine(
                $"{arguments.Paths[0]}: found one scenario, expected another or --vary path=a,b to compare it with");
            return ExitCode.UserError;
        }

        Comparison comparison;
        int total = variants.Sum(v => v.Scenario.Scenario.Replications.Count) * (arguments.WithBand ? 3 : 1);
        using (var line = new ProgressLine(
            context.Error, context.IsErrorTerminal && !arguments.IsQuiet, TimeProvider.System))
        {
            var done = 0;
            comparison = Comparison.Run(
                variants,
                arguments.Figures,
                new ParallelRuns(arguments.Runs.Jobs, context.Interrupted),
                () => line.ReportRuns(Interlocked.Increment(ref done), total),
                arguments.WithBand);
        }

        using (var folder = new ResultFolder(arguments.Folder, [Csv, Png]))
        {
            ComparisonCsv.Write(folder.OpenFile(Csv), comparison);
            using (var picture = folder.OpenFile(Png))
            {
                new ComparisonPicture(comparison).WritePng(picture);
            }

            folder.Complete();
        }

        if (!arguments.IsQuiet)
        {
            context.Output.Write(ComparisonTable.Text(comparison));
            context.Output.WriteLine($"results in {arguments.Folder}");
        }

        return ExitCode.Done;
    }

    private static List<(string Name, LoadedScenario Scenario)> Load(CompareArguments arguments, Catalog catalog)
    {
        IReadOnlyList<IReadOnlyList<string>> points =
            Variation.Grid([.. arguments.Variations.Select(Variation.Parse)]);
        bool areNamesEnough = arguments.Paths.Select(Path.GetFileNameWithoutExtension).Distinct().Count()
            == arguments.Paths.Count;
        List<(string, LoadedScenario)> variants = [];
        foreach (string path in arguments.Paths)
        {
            string file = areNamesEnough ? Path.GetFileNameWithoutExtension(path) : path;
            foreach (IReadOnlyList<string> point in points)
            {
                string name = point.Count == 0 ? file
                    : arguments.Paths.Count == 1 ? Variation.NameOf(point)
                    : $"{file} {Variation.NameOf(point)}";
                variants.Add((name, Load(path, point, arguments, catalog)));
            }
        }

        return variants;
    }

    /// <summary>
    /// Reads a variant; one run says nothing of noise, so unless a number is asked for there are several.
    /// </summary>
    private static LoadedScenario Load(
        string path, IReadOnlyList<string> point, CompareArguments arguments, Catalog catalog)
    {
        IReadOnlyList<string> settings = [.. arguments.Overrides.Settings, .. arguments.Runs.Settings, .. point];
        LoadedScenario scenario = LoadedScenario.Read(path, settings, catalog);
        return arguments.Runs.Replications is null && scenario.Scenario.Replications.Count < FewestReplications
            ? LoadedScenario.Read(path, [$"replications.count={FewestReplications}", .. settings], catalog)
            : scenario;
    }
}

/// <summary>What the command line of <c>compare</c> asks for.</summary>
/// <param name="Paths">The scenario files.</param>
/// <param name="Variations">What is varied, each "path=a,b,c".</param>
/// <param name="Figures">Which figures are shown; the usual ones if empty.</param>
/// <param name="Overrides">What is laid over every scenario.</param>
/// <param name="Runs">How many runs are made.</param>
/// <param name="Folder">Where results go.</param>
/// <param name="WithBand">Whether also to run with steps as fast and as slow as their error allows.</param>
/// <param name="IsQuiet">Whether neither table nor progress is shown.</param>
internal sealed record CompareArguments(
    IReadOnlyList<string> Paths,
    IReadOnlyList<string> Variations,
    IReadOnlyList<string> Figures,
    OverrideArguments Overrides,
    ManyRunsArguments Runs,
    string Folder,
    bool WithBand,
    bool IsQuiet);
