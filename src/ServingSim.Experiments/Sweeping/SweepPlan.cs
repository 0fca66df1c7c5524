using System.ComponentModel;
using ServingSim.Experiments.Comparing;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Sweeping;

/// <summary>
/// A sweep as it was understood, as <c>sweep.yaml</c> of its folder says it: enough to gather its results, whoever
/// computed them.
/// </summary>
/// <param name="Schema">The version of this layout: 1.</param>
/// <param name="Name">Names the results.</param>
/// <param name="Version">The program that computes it; results of another are not mixed in.</param>
/// <param name="File">The name of the sweep's file, for messages.</param>
/// <param name="Scenario">The name of the scenario that is varied.</param>
/// <param name="Set">What is laid over the scenario at every point, by path, as text.</param>
/// <param name="Figures">Which figures tables and pictures show.</param>
/// <param name="Axes">The paths along the pictures.</param>
/// <param name="Format">The kind of the tables' files.</param>
/// <param name="Points">The points in order.</param>
public sealed record SweepPlan(
    int Schema,
    string Name,
    string Version,
    string File,
    string Scenario,
    [property: DefaultValue("{}")] IReadOnlyDictionary<string, string> Set,
    IReadOnlyList<string> Figures,
    IReadOnlyList<string> Axes,
    TableFormat Format,
    IReadOnlyList<PlannedPoint> Points)
{
    internal const int CurrentSchema = 1;
    internal const string FileName = "sweep.yaml";

    /// <summary>The paths that the points set, in order of appearance.</summary>
    public IReadOnlyList<string> Paths => [.. Points.SelectMany(p => p.Settings.Keys).Distinct()];

    /// <summary>The units of work in order, each once; points that say the same share theirs.</summary>
    public IReadOnlyList<PlannedUnit> Units =>
    [
        .. Points
            .SelectMany((p, point) => p.Units.Select((id, i) => new PlannedUnit(id, point, i)))
            .DistinctBy(u => u.Id),
    ];

    /// <summary>What a message calls a point, by its index: "point 3 (rate_per_s=8 shape=0.5)".</summary>
    public string NameOf(int point) =>
        $"point {point + 1} ({Variation.NameOf([.. Points[point].Settings.Select(s => $"{s.Key}={s.Value}")])})";

    /// <summary>Reads the plan in a sweep's folder; throws <see cref="ScenarioException"/>.</summary>
    public static SweepPlan Read(string folder, Catalog catalog)
    {
        string file = Path.Combine(folder, FileName);
        if (!System.IO.File.Exists(file))
        {
            throw new ScenarioException(
                [new ScenarioError(folder, "", $"found no {FileName}, expected the folder of a sweep")]);
        }

        return ScenarioFile.Read<SweepPlan>(file, [], catalog);
    }

    /// <summary>The plan as YAML.</summary>
    public string ToYaml() =>
        $"# The sweep as servingsim {Version} understood it; units are the files of that name\n"
        + ScenarioWriter.Write(this, Environment.CurrentDirectory);

    /// <summary>Puts the plan into a sweep's folder, in place of another.</summary>
    public void Write(string folder) => AtomicFile.Write(folder, FileName, ToYaml());

    /// <summary>Puts the plan into a sweep's folder unless it is there; throws if another one is.</summary>
    public void WriteOrMatch(string folder)
    {
        string file = Path.Combine(folder, FileName);
        string yaml = ToYaml();
        if (!System.IO.File.Exists(file))
        {
            AtomicFile.Write(folder, FileName, yaml);
        }
        else if (System.IO.File.ReadAllText(file) is var found && found != yaml)
        {
            throw new ScenarioException(
            [
                new ScenarioError(
                    file, "",
                    found.Contains($"servingsim {Version} understood", StringComparison.Ordinal)
                        ? "found another sweep than this one (the sweep, its scenario or its trace has changed since); "
                            + "expected the same, another --out, or sweep submit again"
                        : $"found a sweep of another version than this program's, {Version}; expected the same "
                            + "program everywhere"),
            ]);
        }
    }
}

/// <summary>One point of a sweep.</summary>
/// <param name="Settings">What it sets, by path, as text.</param>
/// <param name="Confidence">Of its intervals, between 0 and 1.</param>
/// <param name="Seed">The seed of its first replication; the others follow by one.</param>
/// <param name="Units">Its replications: each the SHA-256 of all that decides its result.</param>
public sealed record PlannedPoint(
    IReadOnlyDictionary<string, string> Settings, double Confidence, long Seed, IReadOnlyList<string> Units);

/// <summary>One run of a sweep.</summary>
/// <param name="Id">The SHA-256 of all that decides its result, in hexadecimal digits.</param>
/// <param name="Point">The index of its point.</param>
/// <param name="Replication">Which replication of the point it is, from 0.</param>
public readonly record struct PlannedUnit(string Id, int Point, int Replication);
