using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Sweeping;

/// <summary>
/// The results of a sweep's runs, one small file each, named for what decides it. Several processes and machines may
/// write to the same folder: whoever computes a unit writes the same bytes.
/// </summary>
/// <param name="folder">The sweep's folder.</param>
/// <param name="version">The program whose results are in it.</param>
public sealed class UnitStore(string folder, string version)
{
    private const string Extension = ".jsonl";
    private readonly string _units = Path.Combine(folder, "units");

    /// <summary>The result of a unit; null if there is none, or only a damaged one.</summary>
    public UnitResult? Read(string unit)
    {
        string file = Path.Combine(_units, unit + Extension);
        return ReadFile(file) is { } result && result.Unit == unit && result.Version == version ? result : null;
    }

    /// <summary>Keeps a result, over a damaged one.</summary>
    public void Write(UnitResult result) => AtomicFile.Write(_units, result.Unit + Extension, result.ToText());

    /// <summary>Throws <see cref="ScenarioException"/> if another version's results are among these.</summary>
    public void CheckVersions()
    {
        foreach (string file in Files("*" + Extension))
        {
            if (ReadFile(file) is { } result && result.Version != version)
            {
                throw new ScenarioException(
                [
                    new ScenarioError(
                        _units, "",
                        $"found results of version {result.Version}, but this sweep is of version {version}: results "
                        + "of two versions are not mixed; expected another --out, or a folder without them"),
                ]);
            }
        }
    }

    /// <summary>Deletes what processes left that were ended while they wrote; none may be writing.</summary>
    public void DeletePartial()
    {
        foreach (string file in Files("*" + AtomicFile.Partial))
        {
            File.Delete(file);
        }
    }

    private IEnumerable<string> Files(string pattern) =>
        Directory.Exists(_units) ? Directory.EnumerateFiles(_units, pattern) : [];

    private static UnitResult? ReadFile(string file) =>
        File.Exists(file) ? UnitResult.Parse(File.ReadAllBytes(file)) : null;
}
