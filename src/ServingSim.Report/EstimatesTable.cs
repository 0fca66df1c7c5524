using ServingSim.Experiments.Replicating;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ServingSim.Report;

/// <summary>What replications gave, as a person reads it: means and confidence intervals.</summary>
public static class EstimatesTable
{
    private static readonly (string Name, string Key)[] Latencies =
    [
        ("time to first token", "ttft"), ("time per output token", "tpot"), ("between tokens", "itl"),
        ("end to end", "e2el"),
    ];

    private static readonly (string Name, string Figure)[] Others =
    [
        ("requests/s", "request_throughput"), ("in SLO/s", "request_goodput"),
        ("output tokens/s", "output_throughput"), ("in SLO, share", "attainment"), ("failed", "failed"),
        ("unfinished", "unfinished"), ("preemptions", "preemptions"), ("KV usage, mean share", "kv_cache_usage_mean"),
        ("prefix tokens hit", "prefix_cache_hits"),
    ];

    private static readonly (string Name, string Figure)[] OfBand =
    [
        ("time to first token, p50, ms", "p50_ttft_ms"), ("time to first token, p99, ms", "p99_ttft_ms"),
        ("time per output token, p50, ms", "p50_tpot_ms"), ("time per output token, p99, ms", "p99_tpot_ms"),
        ("end to end, p99, ms", "p99_e2el_ms"), .. Others.Take(4),
    ];

    /// <summary>The estimates as plain text of at most this many columns.</summary>
    /// <param name="run">The replications.</param>
    /// <param name="band">Those with fast, predicted and slow steps; null where it was not asked for.</param>
    /// <param name="columns">The greatest width.</param>
    public static string Text(ReplicatedRun run, Banded<ReplicatedRun>? band = null, int columns = 100)
    {
        var latencies = TextTable.Headed("latency, ms", "mean", "p50", "p90", "p99");
        foreach (var (name, key) in Latencies)
        {
            TextTable.AddRow(
                latencies, name, Cell(run, $"mean_{key}_ms"), Cell(run, $"p50_{key}_ms"), Cell(run, $"p90_{key}_ms"),
                Cell(run, $"p99_{key}_ms"));
        }

        var others = TextTable.Headed("over all requests that count", "");
        foreach (var (name, figure) in Others.Where(o => run.Of(o.Figure) is not null))
        {
            TextTable.AddRow(others, name, Cell(run, figure));
        }

        var section = run.Scenario.Scenario.Replications;
        List<IRenderable> parts =
        [
            new Text($" {run.Runs.Count} replications; ± is half a {100 * section.Confidence:0.##} % interval\n"),
            latencies,
            others,
            .. band is null ? [] : new[] { Band(band) },
            .. run.Notes.Append(AllWithin.NoteOf(run.Runs, (1 + section.Confidence) / 2))
                .OfType<string>()
                .Select(note => new Text($" note: {note}\n")),
        ];
        return PlainText.Of(new Rows(parts), columns);
    }

    private static Table Band(Banded<ReplicatedRun> band)
    {
        var table = TextTable.Headed("band of step times", [.. band.Runs.Select(run => run.Key)]);
        foreach (var (name, figure) in OfBand.Where(f => band.Central.Of(f.Figure) is not null))
        {
            TextTable.AddRow(table, [name, .. band.Runs.Select(run => Cell(run.Value, figure))]);
        }

        return table;
    }

    private static string Cell(ReplicatedRun run, string figure) => Numbers.Interval(run.Of(figure));
}
