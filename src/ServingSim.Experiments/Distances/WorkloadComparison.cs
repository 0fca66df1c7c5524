using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Traces;

namespace ServingSim.Experiments.Distances;

/// <summary>Two traces compared.</summary>
/// <param name="A">The first file, as the user named it.</param>
/// <param name="B">The second.</param>
/// <param name="RowsA">Rows of the first.</param>
/// <param name="RowsB">Rows of the second.</param>
/// <param name="Distance">How far they are apart.</param>
/// <param name="TimeScale">What times were divided by in the replays; null where none were made.</param>
/// <param name="Replayed">What simulations of both differ in; empty where none were made.</param>
/// <param name="CurvesOfA">What pictures draw of the first, by the names of the measures, rising.</param>
/// <param name="CurvesOfB">Likewise of the second.</param>
public sealed record WorkloadComparison(
    string A, string B, int RowsA, int RowsB, WorkloadDistance Distance, double? TimeScale,
    IReadOnlyList<ReplayedFigure> Replayed, IReadOnlyDictionary<string, double[]> CurvesOfA,
    IReadOnlyDictionary<string, double[]> CurvesOfB)
{
    private const double UsualRatePerS = 2;
    private const double LongestScale = 1e6;

    /// <summary>Compares two traces; throws <see cref="TraceException"/> or <see cref="ScenarioException"/>.</summary>
    /// <param name="a">The first file.</param>
    /// <param name="b">The second file.</param>
    /// <param name="blockTokens">Tokens behind each hash id of a Mooncake file.</param>
    /// <param name="isReplayed">Whether both are simulated.</param>
    /// <param name="timeScale">
    /// What times are divided by there; null: so that the first has 2 requests a second on average.
    /// </param>
    /// <param name="scenario">
    /// The scenario whose cluster serves them; null for one replica of a 13-billion model.
    /// </param>
    /// <param name="catalog">The parts.</param>
    /// <param name="cancellation">Ends it.</param>
    public static WorkloadComparison Of(
        string a, string b, int blockTokens, bool isReplayed, double? timeScale, string? scenario, Catalog catalog,
        CancellationToken cancellation)
    {
        TraceColumns columnsA = TraceColumns.Read(a, null, blockTokens, cancellation);
        TraceColumns columnsB = TraceColumns.Read(b, null, blockTokens, cancellation);
        ServiceRows rowsA = columnsA.Select(TraceColumns.All, _ => true);
        ServiceRows rowsB = columnsB.Select(TraceColumns.All, _ => true);
        double span = rowsA.Times[^1] - rowsA.Times[0];
        double? scale = !isReplayed ? null
            : timeScale ?? Math.Clamp(span / rowsA.Count * UsualRatePerS, 1 / LongestScale, LongestScale);
        return new WorkloadComparison(
            a, b, rowsA.Count, rowsB.Count, WorkloadDistance.Of(rowsA, rowsB), scale,
            scale is { } by
                ? WorkloadReplay.Run((a, columnsA.Format), (b, columnsB.Format), by, scenario, catalog, cancellation)
                : [],
            Curves(rowsA), Curves(rowsB));
    }

    private static Dictionary<string, double[]> Curves(ServiceRows rows)
    {
        (int[] prompts, int[] outputs) = rows.Successes();
        return new()
        {
            ["inter-arrivals"] = WorkloadDistance.GapsOf(rows.Times),
            ["windows' variation"] = WorkloadDistance.VariationsOf(rows.Times),
            ["prompt tokens"] = Sample.Doubles(Sample.Sorted(prompts)),
            ["output tokens"] = Sample.Doubles(Sample.Sorted(outputs)),
        };
    }
}
