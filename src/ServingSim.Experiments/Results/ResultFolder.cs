using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// The folder of one run's results. Files are written under other names and take their place together in
/// <see cref="Complete"/>; disposing it before that deletes them, so an interrupted run leaves earlier results as they
/// were.
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

    private static readonly string[] FilesOfARun =
    [
        RunYaml, SummaryJson, RequestsCsv, RequestsParquet, TimeSeriesCsv, TimeSeriesParquet, TimeSeriesPng, StepsCsv,
        StepsParquet,
    ];

    private readonly List<(string Name, FileStream Stream)> _files = [];
    private readonly bool _isNew;

    /// <summary>
    /// Opens a folder, making it if there is none; throws <see cref="ResultFolderException"/> if that fails.
    /// </summary>
    public ResultFolder(string path)
    {
        Path = path;
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
            foreach (var stale in FilesOfARun.Except(_files.Select(f => f.Name)))
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
