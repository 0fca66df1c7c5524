using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// The folder of the results of one run, or of many. Files are written under other names and take their place together
/// in <see cref="Complete"/>; disposing it before that deletes them, so an interrupted run leaves earlier results as
/// they were.
/// </summary>
public sealed class ResultFolder : IDisposable
{
    /// <summary>The scenario as understood.</summary>
    public const string RunYaml = "run.yaml";

    /// <summary>The figures of the run.</summary>
    public const string SummaryJson = "summary.json";

    /// <summary>One row a client request.</summary>
    public const string RequestsCsv = "requests.csv";

    /// <summary>The same rows.</summary>
    public const string RequestsParquet = "requests.parquet";

    /// <summary>One row a window and pool.</summary>
    public const string TimeSeriesCsv = "timeseries.csv";

    /// <summary>The same rows.</summary>
    public const string TimeSeriesParquet = "timeseries.parquet";

    /// <summary>A picture of timeseries.csv.</summary>
    public const string TimeSeriesPng = "timeseries.png";

    /// <summary>One row a step.</summary>
    public const string StepsCsv = "steps.csv";

    /// <summary>The same rows.</summary>
    public const string StepsParquet = "steps.parquet";

    /// <summary>One row a fault.</summary>
    public const string FaultsCsv = "faults.csv";

    /// <summary>The same rows.</summary>
    public const string FaultsParquet = "faults.parquet";

    /// <summary>One row a replication: its seed and all its figures.</summary>
    public const string ReplicationsCsv = "replications.csv";

    /// <summary>One row a figure: its mean over the replications and its confidence interval.</summary>
    public const string EstimatesCsv = "estimates.csv";

    private static readonly string[] FilesOfARun =
    [
        RunYaml, SummaryJson, RequestsCsv, RequestsParquet, TimeSeriesCsv, TimeSeriesParquet, TimeSeriesPng, StepsCsv,
        StepsParquet, FaultsCsv, FaultsParquet, ReplicationsCsv, EstimatesCsv,
    ];

    private readonly IReadOnlyList<string> _kind;
    private readonly List<(string Name, FileStream Stream)> _files = [];
    private readonly bool _isNew;

    /// <summary>
    /// Opens a folder, making it if there is none; throws <see cref="ResultFolderException"/> if that fails.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="kind">
    /// The files that results of this kind can have, of which those of earlier results go; null for those of a run.
    /// </param>
    public ResultFolder(string path, IReadOnlyList<string>? kind = null)
    {
        (Path, _kind) = (path, kind ?? FilesOfARun);
        _isNew = !Directory.Exists(path);
        OrUserError(() => Directory.CreateDirectory(path));
    }

    /// <summary>Where the folder is.</summary>
    public string Path { get; }

    /// <summary>A stream for the file of this name; whoever writes it closes it.</summary>
    public Stream OpenFile(string name)
    {
        FileStream? stream = null;
        OrUserError(() => stream = new ResultFile(PartialPath(name)));
        _files.Add((name, stream!));
        return stream!;
    }

    /// <summary>
    /// Puts all files in place. A file of an earlier run that this run did not write goes, for it would tell of
    /// another run. Every stream must be closed by then, so that no writer still holds rows back.
    /// </summary>
    public void Complete()
    {
        foreach (var (name, stream) in _files)
        {
            Check.That(!stream.CanWrite, $"{name} is still being written");
        }

        OrUserError(() =>
        {
            foreach (var stale in _kind.Except(_files.Select(f => f.Name)))
            {
                File.Delete(FinalPath(stale));
            }

            foreach (var (name, _) in _files)
            {
                File.Move(PartialPath(name), FinalPath(name), overwrite: true);
            }
        });
        _files.Clear();
    }

    /// <summary>Deletes what was not completed, and the folder if it was made for this run and is empty.</summary>
    public void Dispose()
    {
        foreach (var (name, stream) in _files)
        {
            stream.Dispose();
            File.Delete(PartialPath(name));
        }

        _files.Clear();
        if (_isNew && Directory.Exists(Path) && !Directory.EnumerateFileSystemEntries(Path).Any())
        {
            Directory.Delete(Path);
        }
    }

    private string PartialPath(string name) => System.IO.Path.Combine(Path, $".{name}.partial");

    private string FinalPath(string name) => System.IO.Path.Combine(Path, name);

    private void OrUserError(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ResultFolderException($"cannot write results to '{Path}': {e.Message}", e);
        }
    }
}
