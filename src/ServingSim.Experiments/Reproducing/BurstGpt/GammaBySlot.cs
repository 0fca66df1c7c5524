using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>Options of <see cref="GammaBySlot"/>.</summary>
/// <param name="DemoAlpha">α of the paper's own demonstrations, drawn beside the fits.</param>
/// <param name="Tables">The sets of rows whose fits are told as numbers, those that are missing left out.</param>
public sealed record GammaBySlotOptions(double DemoAlpha, IReadOnlyList<string> Tables);

/// <summary>α(t) and β(t): the Gamma fits of gaps in windows of 20 minutes, by slot of a working day.</summary>
internal sealed class GammaBySlot(GammaBySlotOptions options) : IReproduction
{
    private const double SecondsPerDay = 86_400;
    private const double SecondsPerHour = 3600;
    private const int FewestWindows = 3;

    private static readonly string[] Kinds = ["conversation", "API"];

    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        (string Name, ServiceDescription Description)[] services = [.. Services.In(context.FirstData)];
        (string Kind, (string Name, ServiceDescription Description)[] Members)[] kinds =
        [
            .. Kinds.Select(kind => (
                kind, services.Where(s => s.Name.EndsWith(kind, StringComparison.Ordinal)).ToArray())),
        ];
        List<OurNumber> ours = [];
        foreach (string data in options.Tables)
        {
            foreach ((string name, ServiceDescription d) in
                context.Find(data) is { } found ? Groups(found) : [])
            {
                ours.AddRange(Numbers($"{data}, {name}", d.Burstiness));
            }
        }

        return new ReproducedFigure(
            [
                new Picture(
                    context.Figure.Id,
                    "Gamma fits of gaps in 20-minute windows of 15 requests or more, Monday to Friday: median and 80 % "
                    + "band of each slot with 3 windows or more",
                    [
                        .. kinds.Where(k => k.Members.Length > 0).SelectMany(k => new[]
                        {
                            Panel(k.Kind, "shape α", k.Members, f => f.Alpha, isAlpha: true),
                            Panel(k.Kind, "rate β (1/s)", k.Members, f => f.Beta, isAlpha: false),
                        }),
                    ],
                    2),
            ],
            [], ours);
    }

    private static IEnumerable<(string Name, ServiceDescription Description)> Groups(DataSet data) =>
        Services.OfLogType(data, Services.Conversation) is { } all
            ? Services.In(data).Prepend(("conversation", all))
            : Services.In(data);

    private Panel Panel(
        string kind, string figure, (string Name, ServiceDescription Description)[] members,
        Func<GammaFit, double> of, bool isAlpha)
    {
        List<PlotSeries> series = [];
        foreach ((int i, (string name, ServiceDescription description)) in members.Index())
        {
            foreach ((int run, PlotPoint[] points) in Runs([.. Slots(description, of)]).Index())
            {
                series.Add(new PlotSeries("", SeriesKind.Band, points, i));
                series.Add(new PlotSeries(
                    run == 0 ? name : "", SeriesKind.Line,
                    [.. points.Select(p => p with { Low = null, High = null })], i));
            }
        }

        if (isAlpha)
        {
            series.Add(new PlotSeries(
                $"α = {options.DemoAlpha}, the paper's demonstrations", SeriesKind.DashedLine,
                [new PlotPoint(0, options.DemoAlpha), new PlotPoint(24, options.DemoAlpha)], 3));
        }

        double[] highs = [.. series.SelectMany(s => s.Points).Select(p => p.High ?? p.Y)];
        return new Panel(
            $"{kind}: {figure}", new PlotAxis("hour of the day", 0, 24, TickEvery: 3),
            isAlpha ? new PlotAxis(figure, 0, 1.35 * highs.Max()) : new PlotAxis(figure, IsLog: true), series);
    }

    /// <summary>The slots with windows enough, at the hour of their middle.</summary>
    private static IEnumerable<PlotPoint> Slots(ServiceDescription description, Func<GammaFit, double> of)
    {
        IEnumerable<IGrouping<double, ArrivalWindow>> slots = description.Burstiness.Windows
            .Where(w => w.Fit is not null && !description.Load.IsWeekend((int)(w.StartS / SecondsPerDay)))
            .GroupBy(w => w.StartS % SecondsPerDay).Where(g => g.Count() >= FewestWindows).OrderBy(g => g.Key);
        foreach (IGrouping<double, ArrivalWindow> slot in slots)
        {
            Percentiles at = Percentiles.Of(slot.Select(w => of(w.Fit!.Value)))!.Value;
            yield return new PlotPoint(
                (slot.Key + (Burstiness.FitWindowS / 2.0)) / SecondsPerHour, at.P50, at.P10, at.P90);
        }
    }

    /// <summary>The points between slots that are left out, which a line must not bridge.</summary>
    private static IEnumerable<PlotPoint[]> Runs(PlotPoint[] points)
    {
        for (int from = 0, to; from < points.Length; from = to)
        {
            to = from + 1;
            while (to < points.Length && points[to].X - points[to - 1].X < 1.5 * Burstiness.FitWindowS / SecondsPerHour)
            {
                to++;
            }

            yield return points[from..to];
        }
    }

    private static IEnumerable<OurNumber> Numbers(string of, Burstiness b)
    {
        yield return new OurNumber($"{of}: windows", b.Workdays.Windows);
        foreach ((string name, Percentiles? p) in new[] { ("α", b.Workdays.Alpha), ("β", b.Workdays.Beta) })
        {
            yield return new OurNumber($"{of}: {name} p10", p?.P10);
            yield return new OurNumber($"{of}: {name} median", p?.P50);
            yield return new OurNumber($"{of}: {name} p90", p?.P90);
        }

        foreach ((int hour, GammaSummary summary) in b.WorkdayHours.Index().Where(h => h.Item.Windows > 0))
        {
            yield return new OurNumber($"{of}: β median at {hour} h", summary.Beta?.P50);
        }
    }
}
