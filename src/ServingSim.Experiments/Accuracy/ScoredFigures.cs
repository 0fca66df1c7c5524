using ServingSim.Experiments.Results;

namespace ServingSim.Experiments.Accuracy;

/// <summary>The figures of summary.json that can have been measured.</summary>
internal static class ScoredFigures
{
    private static readonly string[] Metrics = ["ttft", "tpot", "itl", "e2el"];
    private static readonly string[] Statistics = ["mean", "p50", "p90", "p95", "p99"];

    private static readonly string[] OfRuns =
    [
        "duration", "request_throughput", "output_throughput", "total_token_throughput", "kv_cache_usage_mean",
        "kv_cache_usage_peak", "preemptions",
    ];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Known { get; } =
        [.. Metrics.SelectMany(m => Statistics.Select(s => $"{s}_{m}_ms")), .. OfRuns];

    /// <summary>"ttft" of "p50_ttft_ms"; the name itself for a figure of a run.</summary>
    public static string MetricOf(string figure) => OfRuns.Contains(figure) ? figure : figure.Split('_')[1];

    /// <summary>"p50" of "p50_ttft_ms"; "value" for a figure of a run.</summary>
    public static string StatisticOf(string figure) => OfRuns.Contains(figure) ? "value" : figure.Split('_')[0];

    /// <summary>
    /// What a log says of its scored requests, as a summary would say it; not what is 0, of which no error can be told.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, double>> Of(IReadOnlyCollection<MeasuredRequest> requests) =>
        All(requests).Where(figure => figure.Value > 0);

    private static IEnumerable<KeyValuePair<string, double>> All(IReadOnlyCollection<MeasuredRequest> requests)
    {
        (string, IEnumerable<double?>)[] metrics =
        [
            ("ttft", requests.Select(r => r.TtftMs)), ("tpot", requests.Select(r => r.TpotMs)),
            ("e2el", requests.Select(r => r.E2elMs)),
        ];
        foreach ((string metric, IEnumerable<double?> values) in metrics)
        {
            List<double> seconds = [.. values.OfType<double>().Select(ms => ms / 1e3)];
            if (LatencyStatistics.Of(seconds) is { } statistics)
            {
                yield return new($"mean_{metric}_ms", statistics.MeanMs);
                yield return new($"p50_{metric}_ms", statistics.P50Ms);
                yield return new($"p90_{metric}_ms", statistics.P90Ms);
                yield return new($"p99_{metric}_ms", statistics.P99Ms);
            }
        }

        if (requests.Count > 1 && requests.All(r => r.E2elMs is not null))
        {
            double end = requests.Max(r => r.ArrivalS + (r.E2elMs!.Value / 1e3));
            yield return new(
                "output_throughput",
                requests.Sum(r => (long)r.OutputTokens) / (end - requests.Min(r => r.ArrivalS)));
        }
    }
}
