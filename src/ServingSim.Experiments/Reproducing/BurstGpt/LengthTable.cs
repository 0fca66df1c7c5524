using System.ComponentModel;
using ServingSim.Experiments.Describing;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>Options of <see cref="LengthTable"/>.</summary>
/// <param name="Data">The sets of rows to tell of, those that are missing left out.</param>
/// <param name="AllRows">Those of which failed rows count too, mostly with 0 tokens; of others answered rows.</param>
public sealed record LengthTableOptions(
    IReadOnlyList<string> Data, [property: DefaultValue("[]")] IReadOnlyList<string> AllRows) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => AllRows.Except(Data).Select(name => (
        (string?)nameof(AllRows), $"found '{name}', expected one of data: {string.Join(", ", Data)}"));
}

/// <summary>Request and response tokens of answered rows or of all, by log type, model and service.</summary>
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
                bool isAll = options.AllRows.Contains(data.Name);
                ServiceRows of = data.Columns.Select(group, selects);
                (int[] prompts, int[] outputs) = isAll ? (of.Prompts, of.Outputs) : of.Successes();
                string[] named = [data.Name, group, isAll ? "all" : "answered"];
                Add(named, "request", LengthSummary.Of(prompts), ours, rows);
                Add(named, "response", LengthSummary.Of(outputs), ours, rows);
                ours.Add(new OurNumber(
                    $"{data.Name}, {group}: correlation",
                    Sample.Correlation(Sample.Doubles(prompts), Sample.Doubles(outputs))));
            }
        }

        return new ReproducedFigure(
            [],
            [
                new PackTable(
                    "lengths", "Tokens of rows, of all or of those that were answered",
                    [
                        "data", "rows of", "which", "tokens of", "rows", "mean", "p50", "p75", "p90", "p95", "p99",
                        "max",
                    ],
                    rows),
            ],
            [.. ours.Where(o => context.Figure.File.Published.Any(p => p.Number == o.Number))]);
    }

    private static void Add(
        string[] of, string what, LengthSummary? lengths, List<OurNumber> ours, List<string[]> rows)
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
        ours.AddRange(figures.Select(f => new OurNumber($"{of[0]}, {of[1]}: {what} {f.Name}", f.Value)));
        rows.Add(
        [
            .. of, what, TableText.Whole(l.Count), TableText.Fixed(l.Mean, 1),
            .. figures.Skip(1).Select(f => TableText.Fixed(f.Value, 0)),
        ]);
    }
}
