using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>Options of <see cref="LengthTable"/>.</summary>
/// <param name="Data">The sets of rows to tell of, those that are missing left out.</param>
public sealed record LengthTableOptions(IReadOnlyList<string> Data);

/// <summary>Request and response tokens of answered rows, by log type, model and service.</summary>
internal sealed class LengthTable(LengthTableOptions options) : IReproduction
{
    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        List<string[]> rows = [];
        List<OurNumber> ours = [];
        foreach (DataSet data in options.Data.Select(context.Find).OfType<DataSet>())
        {
            foreach ((string group, Func<TraceService, bool> selects) in Services.Groups())
            {
                if (data.Composition(selects) is { } c)
                {
                    string of = $"{data.Name}, {group}";
                    Add(of, data.Name, group, "request", c.Prompts, ours, rows);
                    Add(of, data.Name, group, "response", c.Outputs, ours, rows);
                    ours.Add(new OurNumber($"{of}: correlation", c.Correlation));
                }
            }
        }

        return new ReproducedFigure(
            [],
            [
                new PackTable(
                    "lengths", "Tokens of answered rows",
                    ["data", "rows of", "tokens of", "rows", "mean", "p50", "p75", "p90", "p95", "p99", "max"], rows),
            ],
            [.. ours.Where(o => context.Figure.File.Published.Any(p => p.Number == o.Number))]);
    }

    private static void Add(
        string of, string data, string group, string what, LengthSummary? lengths, List<OurNumber> ours,
        List<string[]> rows)
    {
        if (lengths is not { } l)
        {
            return;
        }

        (string Name, double Value)[] figures =
        [
            ("mean", l.Mean), ("p50", l.P50), ("p75", l.P75), ("p90", l.P90), ("p95", l.P95), ("p99", l.P99),
            ("max", l.Max),
        ];
        ours.AddRange(figures.Select(f => new OurNumber($"{of}: {what} {f.Name}", f.Value)));
        rows.Add(
        [
            data, group, what, TableText.Whole(l.Count), TableText.Fixed(l.Mean, 1),
            .. figures.Skip(1).Select(f => TableText.Fixed(f.Value, 0)),
        ]);
    }
}
