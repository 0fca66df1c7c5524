using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Experiments.Accuracy;

/// <summary>The files that cases name, each read once.</summary>
/// <param name="dataFolder">What their names are relative to; null for the folder of the file that names them.</param>
/// <param name="errors">Receives what is wrong.</param>
internal sealed class MeasuredFiles(string? dataFolder, ErrorList errors)
{
    private readonly Dictionary<string, MeasuredTable?> _tables = [];

    /// <summary>A file's table; null where it cannot be read, with the error added.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="origin">Where it is named.</param>
    public MeasuredTable? TableOf(string file, ConfigOrigin origin)
    {
        FilePath path = new(Path.GetFullPath(file, FolderOf(origin)), file);
        if (!_tables.TryGetValue(path.FullPath, out MeasuredTable? table))
        {
            try
            {
                table = MeasuredTable.Read(path);
            }
            catch (TraceException e)
            {
                errors.Add(origin, "", e.Message);
            }

            _tables.Add(path.FullPath, table);
        }

        return table;
    }

    /// <summary>The folder that a name written there is relative to.</summary>
    public string FolderOf(ConfigOrigin origin) => dataFolder is null ? origin.Folder : Path.GetFullPath(dataFolder);
}
