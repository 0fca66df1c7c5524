using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Calibrating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Report;

namespace ServingSim.Cli;

/// <summary><c>calibrate DATA --out FILE.yaml</c>: fits a latency model to measurements.</summary>
internal static class CalibrateCommand
{
    /// <summary>The command; <paramref name="body"/> does the work.</summary>
    public static Command Create(Func<CalibrateArguments, int> body)
    {
        var command = new Command("calibrate", "Fit a latency model to measurements and tell how far it is off.");
        var data = new Argument<string>("DATA")
        {
            Description = "A calibration (YAML), or a CSV file of steps, batches or requests, with --set gpu=NAME.",
        };
        var file = new Option<string>("--out")
        {
            Description = "The latency file to write, for a pool's latency.",
            HelpName = "FILE.yaml",
            Required = true,
        };
        var folder = new Option<string?>("--data")
        {
            Description = "The folder that the calibration's files are below; by default that of DATA.",
            HelpName = "DIR",
        };
        var settings = new Option<string[]>("--set")
        {
            Description = "Override a key of the calibration, as in --set part=linear; repeatable.",
            HelpName = "path=value",
            AllowMultipleArgumentsPerToken = false,
        };
        command.Add(data);
        command.Add(file);
        command.Add(folder);
        command.Add(settings);
        command.SetAction(line => body(new CalibrateArguments(
            line.GetValue(data)!, line.GetValue(file)!, line.GetValue(folder), line.GetValue(settings) ?? [])));
        return command;
    }

    /// <summary>Fits and writes.</summary>
    public static int Execute(CalibrateArguments arguments, CommandContext context, Catalog catalog)
    {
        Calibration calibration = Read(arguments, catalog);
        string folder = arguments.Folder ?? Path.GetDirectoryName(Path.GetFullPath(arguments.Data))!;
        LatencyFile file = Calibrator.Fit(calibration, arguments.Data, folder, catalog);
        Calibrator.Write(file, arguments.File);
        context.Output.Write(CalibrationTable.Text(file));
        context.Output.WriteLine($"written to {arguments.File}");
        return ExitCode.Done;
    }

    private static Calibration Read(CalibrateArguments arguments, Catalog catalog)
    {
        bool isCsv = arguments.Data.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)
            || arguments.Data.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase);
        if (!isCsv)
        {
            return ScenarioFile.Read<Calibration>(arguments.Data, arguments.Settings, catalog);
        }

        string name = Path.GetFileName(arguments.Data).Replace("'", "''", StringComparison.Ordinal);
        return ScenarioFile.Parse<Calibration>(
            $"schema: 1\ndata: [{{ file: '{name}' }}]\n", arguments.Data, arguments.Settings, catalog);
    }
}

/// <summary>What the command line of <c>calibrate</c> asks for.</summary>
/// <param name="Data">A calibration or a CSV file.</param>
/// <param name="File">The latency file to write.</param>
/// <param name="Folder">The folder of the data; null for that of <paramref name="Data"/>.</param>
/// <param name="Settings">Overrides of the calibration, each "path=value".</param>
internal sealed record CalibrateArguments(
    string Data, string File, string? Folder, IReadOnlyList<string> Settings);
