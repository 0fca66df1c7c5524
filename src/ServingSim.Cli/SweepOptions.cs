using System.CommandLine;
using ServingSim.Experiments;
using ServingSim.Experiments.Sweeping;

namespace ServingSim.Cli;

/// <summary>The part of a command line that says which sweep is meant.</summary>
internal sealed class SweepOptions
{
    private readonly Argument<string> _path = new("SWEEP.yaml") { Description = "The sweep to read." };
    private readonly OverrideOptions _overrides;
    private readonly ManyRunsOptions _runs;

    private readonly Option<string?> _folder = new("--out")
    {
        Description = "The folder for the results; results/<name of the sweep> by default.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _quiet = new("--quiet") { Description = "Show neither progress nor the table." };

    /// <summary>Makes a command take a sweep.</summary>
    public SweepOptions(Command command, int? usualJobs = null)
    {
        command.Add(_path);
        _overrides = new OverrideOptions(command);
        _runs = new ManyRunsOptions(command, usualJobs);
        command.Add(_folder);
        command.Add(_quiet);
    }

    /// <summary>What the user wrote.</summary>
    public SweepArguments Read(ParseResult line) => new(
        line.GetRequiredValue(_path), _overrides.Read(line), _runs.Read(line), line.GetValue(_folder),
        line.GetValue(_quiet));
}

/// <summary>Which sweep is meant, and where its results go.</summary>
/// <param name="Path">The sweep's file.</param>
/// <param name="Overrides">What is laid over its scenario.</param>
/// <param name="Runs">How many runs are made.</param>
/// <param name="Folder">Where results go; null for <c>results/&lt;name&gt;</c>.</param>
/// <param name="IsQuiet">Whether neither table nor progress is shown.</param>
internal sealed record SweepArguments(
    string Path, OverrideArguments Overrides, ManyRunsArguments Runs, string? Folder, bool IsQuiet)
{
    /// <summary>Reads the sweep and all its scenarios.</summary>
    public Sweep Load(Catalog catalog) =>
        Sweep.Read(Path, [.. Overrides.Settings, .. Runs.Settings], catalog, ProgramVersion.Current);

    /// <summary>The folder of the results.</summary>
    public string FolderOf(Sweep sweep) => Folder ?? System.IO.Path.Combine("results", sweep.Plan.Name);
}
