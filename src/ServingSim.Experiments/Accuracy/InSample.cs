using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Accuracy;

/// <summary>Whether a latency file, or a usual number, was fitted on what it is to predict.</summary>
internal static class InSample
{
    /// <summary>How a scenario's latency files knew some rows or runs; null if they did not.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="rows">The scored rows.</param>
    /// <param name="runs">The names of the measured runs.</param>
    public static string? Of(Scenario scenario, IReadOnlyList<MeasuredRow> rows, IReadOnlyList<string> runs) =>
        scenario.Cluster.Pools.Values
            .Select(pool => (pool.Latency.File?.Value is { } file ? Of(file, rows, runs) : null)
                ?? Of(UsualNumbers.RunsBehind(pool), runs))
            .FirstOrDefault(reason => reason is not null);

    private static string? Of(LatencyFile latency, IReadOnlyList<MeasuredRow> rows, IReadOnlyList<string> runs)
    {
        foreach (FittedRows fitted in latency.FittedOn)
        {
            if (fitted.RowHashes.Count < fitted.Rows && rows.Any(r => r.Table.Sha256 == fitted.Sha256))
            {
                return $"fitted on {fitted.File}";
            }

            HashSet<string> known = [.. fitted.RowHashes];
            int count = rows.Count(r => known.Contains(r.Hash));
            if (count > 0)
            {
                string least = fitted.RowHashes.Count < fitted.Rows ? "at least " : "";
                return $"fitted on {least}{count} of these rows, in {fitted.File}";
            }
        }

        return Of(latency.Covers, runs);
    }

    private static string? Of(IEnumerable<string> known, IReadOnlyList<string> runs) =>
        runs.FirstOrDefault(known.Contains) is { } run ? $"fitted on data of {run}" : null;
}
