using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Accuracy;

/// <summary>How files of cases are read.</summary>
/// <param name="DataFolder">What measured files' names are relative to; null for the folder that names them.</param>
/// <param name="Settings">Laid over every scenario, each "path=value".</param>
/// <param name="MayBeInSample">Whether cases are scored that their latency model was fitted on.</param>
public sealed record AccuracyOptions(string? DataFolder, IReadOnlyList<string> Settings, bool MayBeInSample);

/// <summary>Cases that are ready to run.</summary>
/// <param name="Name">Names the results: that of the file, or <c>accuracy</c> for several.</param>
/// <param name="Files">The files, by their names.</param>
/// <param name="Cases">The cases of all of them, in order.</param>
public sealed record AccuracyPlan(
    string Name, IReadOnlyList<AccuracyFile> Files, IReadOnlyList<AccuracyCase> Cases)
{
    /// <summary>Reads files of cases and all that they name; throws <see cref="ScenarioException"/>.</summary>
    public static AccuracyPlan Read(IReadOnlyList<string> paths, AccuracyOptions options, Catalog catalog)
    {
        ErrorList errors = new();
        CaseReader reader = CaseReader.Of(options, catalog, errors);
        List<AccuracyFile> files = [];
        List<AccuracyCase> cases = [];
        foreach (IGrouping<string, string> same in paths.GroupBy(Path.GetFullPath).Where(p => p.Count() > 1))
        {
            errors.Add(
                new ConfigOrigin(same.First(), "", 0, 0), "",
                $"is given {same.Count()} times, by which its cases would count as often; expected once");
        }

        foreach (string path in paths.DistinctBy(Path.GetFullPath))
        {
            if (reader.Read(path) is { } read)
            {
                files.Add(read.File);
                cases.AddRange(read.Cases);
            }
        }

        errors.ThrowIfAny();
        return new AccuracyPlan(files.Count == 1 ? files[0].Name : "accuracy", files, cases);
    }
}
