using System.Globalization;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Reproducing.BurstGpt;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Experiments.Reproducing.Demonstrations;

/// <summary>Options of <c>failures-by-load</c>.</summary>
/// <param name="Scenario">What serves the rows, and whose clients give up.</param>
public sealed record FailuresByLoadOptions(FilePath Scenario);

/// <summary>
/// Failures of a trace's conversations beside those that load makes on a replica that is too small: by quarter of the
/// hour's load, their correlation with it, and how they cluster.
/// </summary>
internal sealed class FailuresByLoad(FailuresByLoadOptions options) : IReproduction
{
    private const double Z = 1.96;

    private static readonly string[] Quarters = ["least", "second", "third", "most"];

    private static readonly string[] OfLoad =
        ["quarter of least load", "second quarter of load", "third quarter of load", "quarter of most load"];

    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        DataSet data = context.FirstData;
        ServiceRows rows = data.Columns.Select(data.Name, t => t.LogType == Services.Conversation);
        if (!rows.Outputs.Any(o => o > 0))
        {
            return ReproducedFigure.Without($"{data.Origin} has no answered row of conversations.");
        }

        string path = data.Path.Replace("'", "''", StringComparison.Ordinal);
        LoadedScenario scenario = context.Read(
            options.Scenario,
            [
                $"workload.source={{ name: trace, path: '{path}', log_types: [conversation], from: {data.FirstDay}d, "
                + $"to: {data.FirstDay + data.DaysGiven}d }}",
                $"duration={data.DaysGiven}d",
            ]);
        SortedDictionary<long, (string Service, bool IsFailed)> requests = [];
        Summary summary = Replications.RunOf(scenario, 0, context.Runs.Cancellation, record => requests.Add(
            record.ClientId,
            (LabelText.ValueOf(record.Labels, "model") ?? Summary.None,
                FinishReason.OutcomeOf(record.FinishReason) != FinalOutcome.Completed))).Summary;
        (string Model, FailureFigures Figures)[] services =
        [
            .. summary.Failures!.Select(f => (f.Total.Service.Split(", ")[0], f)).Where(f => f.f.Judged > 0),
        ];
        return new ReproducedFigure(
            [Picture(services)], [Table(services)], [.. services.SelectMany(s => Ours(s, data, requests.Values))],
            Notes:
            [
                "The replica is too small on purpose, so that about as many requests fail for want of capacity as "
                + "failed in the trace: what is compared is not how many fail but which. "
                + string.Join(" ", services.Select(s => Told(s.Model, s.Figures))),
                .. FailureTable.HasFailures(data) ? [] : new[] { FailureTable.WithoutFailures(data.Section.Title) },
                "Requests that failed in the trace are not simulated: most carry no size. Intervals of correlations "
                + "are Fisher's, of hours taken for independent.",
                .. data.IsGenerated
                    ? new[]
                    {
                        "These rows are generated, and the model's failures know no load: that the trace's do not go "
                        + "with it holds by construction here and shows nothing. Only real rows tell.",
                    }
                    : [],
            ]);
    }

    private static string Told(string model, FailureFigures f)
    {
        string share = f.Correlation is { } r ? Cells.Number(100 * r * r, 1) : "?";
        return $"{model}: from the quarter of hours with least load to that with most, failures go from "
            + $"{Change(f.TraceByLoad)} in the trace and from {Change(f.SimulatedByLoad)} in the run; "
            + $"the run's share of an hour explains {share} % of the variance of the trace's.";
    }

    private static string Change(IReadOnlyList<double?> byLoad) =>
        byLoad.Count == 0 ? "? to ? %" : $"{Percent(byLoad[0])} to {Percent(byLoad[^1])} %";

    private static IEnumerable<OurNumber> Ours(
        (string Model, FailureFigures Figures) service, DataSet data,
        IEnumerable<(string Service, bool IsFailed)> requests)
    {
        (string model, FailureFigures f) = service;
        Failures? trace = data.Service(model, Services.Conversation)?.Failures;
        bool[] run = [.. requests.Where(r => r.Service == model).Select(r => r.IsFailed)];
        (string, IReadOnlyList<double?>, double?, double?, double?)[] both =
        [
            ("trace", f.TraceByLoad, f.Total.TraceShare, f.TraceCorrelation, trace?.ShareAfterFailure),
            ("run", f.SimulatedByLoad, f.Total.SimulatedShare, f.SimulatedCorrelation, AfterFailure(run)),
        ];
        foreach ((string where, IReadOnlyList<double?> byLoad, double? share, double? r, double? after) in
            both.Skip(FailureTable.HasFailures(data) ? 0 : 1))
        {
            yield return new OurNumber($"{model}, {where}: failed", 100 * share);
            foreach ((int q, double? of) in byLoad.Index())
            {
                yield return new OurNumber($"{model}, {where}: failed in the {OfLoad[q]}", 100 * of);
            }

            // The trace's is counted on all its rows, as the published one is: no chance excuses a difference
            string name = $"{model}, {where}: correlation with load";
            yield return where == "trace" ? new OurNumber(name, r) : Fisher(name, r, f.Judged);
            yield return new OurNumber($"{model}, {where}: failed after a failure", 100 * after);
        }

        yield return Fisher($"{model}: correlation of the run's with the trace's", f.Correlation, f.Judged);
    }

    /// <summary>The share of requests that fail of those that arrive next after one that does.</summary>
    private static double? AfterFailure(bool[] failed)
    {
        int after = failed.SkipLast(1).Count(f => f);
        return after == 0 ? null
            : (double)Enumerable.Range(1, failed.Length - 1).Count(i => failed[i] && failed[i - 1]) / after;
    }

    private static OurNumber Fisher(string name, double? correlation, int count)
    {
        if (correlation is not { } r || count <= 3 || Math.Abs(r) >= 1)
        {
            return new OurNumber(name, correlation);
        }

        double half = Z / Math.Sqrt(count - 3);
        return new OurNumber(name, r, Math.Tanh(Math.Atanh(r) - half), Math.Tanh(Math.Atanh(r) + half));
    }

    private static PackTable Table((string Model, FailureFigures Figures)[] services) => new(
        "failures-by-load", "Failures in the trace and in the run",
        [
            "service", "of", "requests", "failed (%)", "timed out", "queue full", "preempted",
            .. OfLoad.Select(q => $"failed in the {q} (%)"), "hours",
        ],
        [
            .. services.SelectMany(s => new IReadOnlyList<string>[]
            {
                [
                    s.Model, "trace", Whole(s.Figures.Total.Requests), Percent(s.Figures.Total.TraceShare), "", "", "",
                    .. s.Figures.TraceByLoad.Select(Percent), Whole(s.Figures.Judged),
                ],
                [
                    s.Model, "run", Whole(s.Figures.Total.Simulated), Percent(s.Figures.Total.SimulatedShare),
                    Whole(s.Figures.Total.TimedOut), Whole(s.Figures.Total.Refused), Whole(s.Figures.Total.Preempted),
                    .. s.Figures.SimulatedByLoad.Select(Percent), Whole(s.Figures.Judged),
                ],
            }).Where(row => row.Count == 8 + Quarters.Length),
        ]);

    private static Picture Picture((string Model, FailureFigures Figures)[] services) => new(
        "failures-by-load-of-hours", "Failed requests of conversations by the load of their hour",
        [
            .. services.Select((s, i) => new Panel(
                s.Model, new PlotAxis("quarter of the hours by load", Names: Quarters),
                new PlotAxis("failed (%)", From: 0),
                [
                    new PlotSeries(i == 0 ? "in the trace" : "", SeriesKind.Bars, Bars(s.Figures.TraceByLoad), 0),
                    new PlotSeries(
                        i == 0 ? "for want of capacity (run)" : "", SeriesKind.Bars,
                        Bars(s.Figures.SimulatedByLoad), 1),
                ])),
            .. services.Select(s => new Panel(
                $"{s.Model}, each hour", new PlotAxis("requests in the hour", From: 0),
                new PlotAxis("failed (%)", From: 0),
                [
                    new PlotSeries("", SeriesKind.Points, Hours(s.Figures, w => w.TraceShare), 0),
                    new PlotSeries("", SeriesKind.Points, Hours(s.Figures, w => w.SimulatedShare), 1),
                ])),
        ],
        Columns: 2);

    private static PlotPoint[] Bars(IReadOnlyList<double?> byLoad) =>
        [.. byLoad.Select((share, q) => new PlotPoint(q, 100 * share ?? double.NaN))];

    private static PlotPoint[] Hours(FailureFigures figures, Func<FailureWindow, double?> share) =>
    [
        .. figures.Windows.Where(w => w.Requests >= Failures.FewestOfHour && share(w) is not null)
            .OrderBy(w => w.Requests).Select(w => new PlotPoint(w.Requests, 100 * share(w)!.Value)),
    ];

    private static string Percent(double? share) => share is { } value ? Cells.Number(100 * value, 1) : "";

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);
}
