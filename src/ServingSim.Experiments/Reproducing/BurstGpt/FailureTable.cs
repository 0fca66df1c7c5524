using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>Options of <see cref="FailureTable"/>.</summary>
/// <param name="Data">The sets of rows to tell of, those that are missing left out.</param>
/// <param name="Detail">The set of rows whose failures are told by day, hour and load.</param>
public sealed record FailureTableOptions(IReadOnlyList<string> Data, string Detail);

/// <summary>Failed rows, those without a response: how many, when, and under which load.</summary>
internal sealed class FailureTable(FailureTableOptions options) : IReproduction
{
    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        List<string[]> rows = [];
        List<OurNumber> ours = [];
        List<string> without = [];
        foreach (DataSet data in options.Data.Select(context.Find).OfType<DataSet>())
        {
            bool hasFailures = HasFailures(data);
            without.AddRange(hasFailures ? [] : [data.Section.Title]);
            foreach ((string group, Func<TraceService, bool> selects) in Services.Groups())
            {
                if (data.Composition(selects) is { } c)
                {
                    ours.AddRange(
                        hasFailures ? [new OurNumber($"{data.Name}, {group}: failed", 100 * c.FailedShare)] : []);
                    rows.Add(
                    [
                        data.Name, group, TableText.Whole(c.Rows), TableText.Whole(c.Failed),
                        TableText.Fixed(100 * c.FailedShare, 2),
                    ]);
                }
            }
        }

        DataSet? detail = context.Find(options.Detail);
        ours.AddRange(detail is null || !HasFailures(detail) ? [] : Details(detail));
        return new ReproducedFigure(
            [
                new Picture(
                    context.Figure.Id, "Failed requests of conversations",
                    [
                        Panel(context.FirstData, "By hour of the day", new PlotAxis("hour of the day", TickEvery: 3),
                            f => f.ByHour),
                        Panel(
                            context.FirstData, $"By load: hours of {Failures.FewestOfHour} requests or more",
                            new PlotAxis(
                                "quarter of hours",
                                Names: ["least busy", "2nd", "3rd", "busiest"]),
                            f => f.ByLoad),
                    ],
                    2),
            ],
            [new PackTable("failed-rows", "Failed rows", ["data", "rows of", "rows", "failed", "failed (%)"], rows)],
            [.. ours.Where(o => context.Figure.File.Published.Any(p => p.Number == o.Number))],
            Notes: without.Count == 0 ? null : [WithoutFailures(string.Join(", ", without))]);
    }

    /// <summary>Whether a row of a set has failed: some files hold only those that were answered.</summary>
    internal static bool HasFailures(DataSet data) => data.Composition(_ => true)?.Failed > 0;

    /// <summary>What the page says of such files.</summary>
    internal static string WithoutFailures(string data) =>
        $"No row given of {data} has failed: a file without failures does not tell how many requests failed.";

    private static Panel Panel(
        DataSet data, string title, PlotAxis x, Func<Failures, IReadOnlyList<double?>> shares) => new(
            title, x, new PlotAxis("failed (%)", 0),
            [
                .. Services.ConversationsIn(data).Select(s => new PlotSeries(
                    s.Name, SeriesKind.LineAndPoints,
                    [
                        .. shares(s.Description.Failures).Index().Where(h => h.Item is not null)
                            .Select(h => new PlotPoint(h.Index, 100 * h.Item!.Value)),
                    ])),
            ]);

    private static IEnumerable<OurNumber> Details(DataSet data)
    {
        foreach ((int i, (int _, double? share)) in data.Description.Services[0].Failures.ByDay.Index())
        {
            yield return new OurNumber($"{data.Name}, all: failed on day {i}", 100 * share);
        }

        if (Services.OfLogType(data, Services.Conversation) is { } conversations)
        {
            yield return new OurNumber(
                $"{data.Name}, conversation: failed after a failure",
                100 * conversations.Failures.ShareAfterFailure);
        }

        foreach ((string name, ServiceDescription description) in Services.ConversationsIn(data))
        {
            Failures f = description.Failures;
            yield return new OurNumber($"{data.Name}, {name}: correlation with load", f.Correlation);
            yield return new OurNumber($"{data.Name}, {name}: rank correlation with load", f.RankCorrelation);
            yield return new OurNumber($"{data.Name}, {name}: worst hour", 100 * f.WorstHour);
            foreach ((int quarter, double? share) in f.ByLoad.Index())
            {
                yield return new OurNumber($"{data.Name}, {name}: failed in load quarter {quarter + 1}", 100 * share);
            }
        }
    }
}
