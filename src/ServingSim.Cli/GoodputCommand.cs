using System.CommandLine;
using System.Globalization;
using ServingSim.Experiments;
using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>goodput SCENARIO.yaml</c>: the greatest rate of arrivals that a fleet still serves well.</summary>
internal static class GoodputCommand
{
    private const int FewestReplications = 5;
    private const double UsualTarget = 0.99;
    private const double UsualTolerance = 0.02;
    private const string Csv = "goodput.csv";
    private const string Png = "goodput.png";
    private const string BandCsv = "goodput_band.csv";

    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<GoodputArguments, int> body)
    {
        var command = new Command(
            "goodput", "Find the greatest rate of arrivals at which enough requests are within their SLO.");
        var scenario = new ScenarioOptions(command);
        Option<double> target = Share(
            "--target", "The share of requests that has to be within the SLO; 0.99 by default.", UsualTarget, 1);
        Option<double> tolerance = Share(
            "--tolerance", "How near the answer has to be, as a share of the rate; 0.02 by default.", UsualTolerance,
            1);
        command.Add(target);
        command.Add(tolerance);
        var runs = new ManyRunsOptions(command);
        var folder = new Option<string?>("--out")
        {
            Description = "The folder for goodput.csv and goodput.png; results/goodput-<name> by default.",
            HelpName = "DIR",
        };
        var quiet = new Option<bool>("--quiet") { Description = "Show neither progress nor the table." };
        var band = ManyRunsOptions.Band();
        command.Add(folder);
        command.Add(band);
        command.Add(quiet);
        command.SetAction(line => body(new GoodputArguments(
            scenario.Read(line), line.GetValue(target), line.GetValue(tolerance), runs.Read(line),
            line.GetValue(folder), line.GetValue(band), line.GetValue(quiet))));
        return command;
    }

    /// <summary>Searches.</summary>
    public static int Execute(GoodputArguments arguments, CommandContext context, Catalog catalog)
    {
        LoadedScenario scenario = arguments.Scenario.Load(catalog, arguments.Runs.Settings);
        if (arguments.Runs.Replications is null && scenario.Scenario.Replications.Count < FewestReplications)
        {
            scenario = arguments.Scenario.Load(catalog, $"replications.count={FewestReplications}");
        }

        Goodput goodput;
        Banded<Goodput>? band = null;
        using (var line = new ProgressLine(
            context.Error, context.IsErrorTerminal && !arguments.IsQuiet, TimeProvider.System))
        {
            var done = 0;
            Goodput Search(LoadedScenario of) => GoodputSearch.Run(
                of, arguments.Target, arguments.Tolerance, catalog,
                new ParallelRuns(arguments.Runs.Jobs, context.Interrupted),
                () => line.ReportRuns(Interlocked.Increment(ref done)));
            Banded<LoadedScenario>? ends = arguments.WithBand ? BandRuns.Of(scenario) : null;
            goodput = Search(scenario);
            band = ends is null ? null : new Banded<Goodput>(Search(ends.Low), goodput, Search(ends.High));
        }

        string path = arguments.Folder ?? Path.Combine("results", $"goodput-{scenario.Name}");
        using (var folder = new ResultFolder(path, [Csv, Png, BandCsv]))
        {
            GoodputCsv.Write(folder.OpenFile(Csv), goodput);
            if (band is not null)
            {
                GoodputCsv.WriteBand(folder.OpenFile(BandCsv), band);
            }

            using (var picture = folder.OpenFile(Png))
            {
                new GoodputPicture(goodput).WritePng(picture);
            }

            folder.Complete();
        }

        if (!arguments.IsQuiet)
        {
            context.Output.Write(GoodputTable.Text(goodput, band));
            context.Output.WriteLine($"results in {path}");
        }

        return ExitCode.Done;
    }

    private static Option<double> Share(string name, string description, double usual, double most) => new(name)
    {
        Description = description,
        HelpName = "SHARE",
        DefaultValueFactory = _ => usual,
        CustomParser = argument =>
        {
            string text = argument.Tokens.Single().Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double share)
                && share > 0 && share <= most)
            {
                return share;
            }

            argument.AddError($"{name}: found '{text}', expected a number above 0 and at most {most}");
            return usual;
        },
    };
}

/// <summary>What the command line of <c>goodput</c> asks for.</summary>
/// <param name="Scenario">What is run.</param>
/// <param name="Target">The share of requests that has to be within the SLO.</param>
/// <param name="Tolerance">How near the answer has to be.</param>
/// <param name="Runs">How many runs are made.</param>
/// <param name="Folder">Where results go; null for <c>results/goodput-&lt;name&gt;</c>.</param>
/// <param name="WithBand">Whether also to search with steps as fast and as slow as their error allows.</param>
/// <param name="IsQuiet">Whether neither table nor progress is shown.</param>
internal sealed record GoodputArguments(
    ScenarioArguments Scenario, double Target, double Tolerance, ManyRunsArguments Runs, string? Folder, bool WithBand,
    bool IsQuiet);
