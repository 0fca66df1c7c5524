using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Accuracy;

/// <summary>Whether a latency model was fitted on what it is to predict.</summary>
internal static class InSample
{
    /// <summary>How a scenario's latency models knew some rows or runs; null if they did not.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="rows">The scored rows.</param>
    /// <param name="runs">The names of the measured runs.</param>
    public static string? Of(Scenario scenario, IReadOnlyList<MeasuredRow> rows, IReadOnlyList<string> runs) =>
        scenario.Cluster.Pools.Values
            .Select(pool => pool.Latency.File?.Value).OfType<LatencyFile>()
            .Select(fit => Of(fit, rows, runs))
            .FirstOrDefault(reason => reason is not null);

    private static string? Of(LatencyFile fit, IReadOnlyList<MeasuredRow> rows, IReadOnlyList<string> runs)
    {
        foreach (FittedRows source in fit.FittedOn)
        {
            if (source.RowHashes.Count == 0 && rows.Any(r => r.Table.Sha256 == source.Sha256))
            {
                return $"fitted on {source.File}";
            }

            HashSet<string> known = [.. source.RowHashes];
            int count = rows.Count(r => known.Contains(r.Hash));
            if (count > 0)
            {
                return $"fitted on {count} of these rows, in {source.File}";
            }
        }

        return runs.FirstOrDefault(fit.Covers.Contains) is { } run ? $"fitted on data of {run}" : null;
    }
}
