using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Sweeping;

/// <summary>A sweep as it is written: the constructor's parameters are the file's keys.</summary>
/// <param name="Schema">The version of this layout: 1.</param>
/// <param name="Name">Names the results.</param>
/// <param name="Scenario">The scenario that is varied.</param>
/// <param name="Points">How it is varied.</param>
/// <param name="Set">Values laid over the scenario at every point, by their paths.</param>
/// <param name="Figures">Which figures of summary.json tables and pictures show; points.csv has all.</param>
/// <param name="Axes">
/// The paths along the pictures: the horizontal axis, then what tells lines apart or stands on the other axis of the
/// heat maps. By default those that vary, in their order.
/// </param>
/// <param name="Format">Whether tables are .csv files, .parquet files, or both.</param>
public sealed record SweepFile(
    [property: AllowedValues(SweepPlan.CurrentSchema)] int Schema,
    string Name,
    FilePath Scenario,
    PartChoice<IPointSet, NoContext> Points,
    [property: DefaultValue("{}")] IReadOnlyDictionary<string, ConfigNode> Set,
    [property: DefaultValue("[mean_ttft_ms, p99_ttft_ms, mean_tpot_ms, output_throughput]")]
    IReadOnlyList<string> Figures,
    [property: DefaultValue("[]")] IReadOnlyList<string> Axes,
    TableFormat Format = TableFormat.Csv) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Schema != SweepPlan.CurrentSchema)
        {
            yield return (nameof(Schema), $"found {Schema}, expected {SweepPlan.CurrentSchema}");
        }

        if (Names.FolderProblem(Name) is { } problem)
        {
            yield return (nameof(Name), problem);
        }

        if (Figures.Count == 0)
        {
            yield return (nameof(Figures), "found none, expected at least one");
        }

        foreach (string path in Set.Keys.Where(Varies))
        {
            yield return (nameof(Set), $"found {path}, which the points vary; expected it there or here");
        }

        foreach (string path in Axes.Where(a => !Varies(a)))
        {
            yield return (nameof(Axes), $"found '{path}', expected paths that the points vary");
        }
    }

    private bool Varies(string path) => Points.Options switch
    {
        GridOptions grid => grid.Axes.ContainsKey(path),
        PointListOptions list => list.Items.Any(p => p.ContainsKey(path)),
        LatinHypercubeOptions sample => sample.Ranges.ContainsKey(path),
        _ => true,
    };
}
