using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>Options of <see cref="CompositionTable"/>.</summary>
/// <param name="Data">The sets of rows to tell of, those that are missing left out.</param>
/// <param name="Sum">Those whose rows together are what the paper counts.</param>
public sealed record CompositionTableOptions(IReadOnlyList<string> Data, IReadOnlyList<string> Sum);

/// <summary>Rows, answered and failed, by log type and model.</summary>
internal sealed class CompositionTable(CompositionTableOptions options) : IReproduction
{
    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        List<string[]> rows = [];
        List<OurNumber> ours = [];
        Dictionary<string, int> counts = [];
        foreach (DataSet data in options.Data.Select(context.Find).OfType<DataSet>())
        {
            int total = 0;
            foreach ((string group, Func<TraceService, bool> selects) in Services.Groups())
            {
                if (data.Composition(selects) is not { } c)
                {
                    continue;
                }

                total = group == "all" ? c.Rows : total;
                string of = $"{data.Name}, {group}";
                ours.Add(new OurNumber($"{of}: rows", c.Rows));
                ours.Add(new OurNumber($"{of}: answered", c.Rows - c.Failed));
                ours.Add(new OurNumber($"{of}: rows a day", (double)c.Rows / data.DaysGiven));
                rows.Add(
                [
                    data.Name, group, TableText.Whole(c.Rows), TableText.Fixed(100.0 * c.Rows / total, 1),
                    TableText.Whole(c.Rows - c.Failed), TableText.Whole(c.Failed),
                    TableText.Fixed((double)c.Rows / data.DaysGiven, 0),
                ]);
            }

            counts[data.Name] = total;
        }

        ours.Add(new OurNumber(
            "the paper's 213 days: rows",
            options.Sum.All(name => context.Find(name) is { IsWhole: true })
                ? options.Sum.Sum(name => (double)counts[name]) : null));
        return new ReproducedFigure(
            [],
            [
                new PackTable(
                    "composition", "Rows by log type and model",
                    ["data", "rows of", "rows", "share (%)", "answered", "failed", "a day"], rows),
            ],
            [.. ours.Where(o => context.Figure.File.Published.Any(p => p.Number == o.Number))]);
    }
}
