using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>Options of <see cref="ArrivalTable"/>.</summary>
/// <param name="Gaps">The set of rows whose gaps are told.</param>
/// <param name="Peaks">That whose ties, peaks and dispersion are told.</param>
/// <param name="Variations">That whose gaps' variation in windows of 5 minutes is told.</param>
public sealed record ArrivalTableOptions(string Gaps, string Peaks, string Variations);

/// <summary>How requests arrive: gaps, peaks, dispersion, and how gaps vary within 5 minutes.</summary>
internal sealed class ArrivalTable(ArrivalTableOptions options) : IReproduction
{
    private const int Window = 300;
    private const int Minute = 60;

    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        List<OurNumber> ours = [];
        if (context.Find(options.Gaps) is { } gaps)
        {
            ours.AddRange(Gaps(gaps));
        }

        if (context.Find(options.Peaks) is { } peaks)
        {
            ours.AddRange(Peaks(peaks));
        }

        DataSet? varying = context.Find(options.Variations);
        ours.AddRange(varying is null ? [] : Variations(varying));
        return new ReproducedFigure(
            [
                new Picture(
                    context.Figure.Id,
                    "Index of dispersion of counts (1: Poisson), the daily wave included, and around each hour's mean",
                    [
                        Dispersions(context.FirstData, "Over all days", d => d.Overall),
                        Dispersions(context.FirstData, "Around each hour's own mean", d => d.WithinHours),
                    ],
                    2),
            ],
            [], ours);
    }

    private static Panel Dispersions(DataSet data, string title, Func<Dispersion, double?> of) => new(
        title, new PlotAxis("time scale (s)", 1, 100_000, IsLog: true),
        new PlotAxis("variance / mean", IsLog: true),
        [
            .. Services.In(data).Select(s => new PlotSeries(
                s.Name, SeriesKind.LineAndPoints,
                [
                    .. s.Description.Dispersion.Where(d => of(d) is not null)
                        .Select(d => new PlotPoint(d.ScaleS, of(d)!.Value)),
                ])),
        ]);

    /// <summary>Of whole seconds, as the file has them: the published ones are of those.</summary>
    private static IEnumerable<OurNumber> Gaps(DataSet data)
    {
        ServiceRows rows = data.Columns.Select(data.Name, _ => true);
        double[] times = [.. rows.Times.Select(Math.Floor)];
        double[] gaps = Sample.Sorted(times.Zip(times.Skip(1), (a, b) => b - a));
        if (gaps.Length < 2)
        {
            yield break;
        }

        (double mean, double deviation) = Sample.Moments(gaps);
        yield return new OurNumber($"{data.Name}, all: mean gap", mean);
        yield return new OurNumber($"{data.Name}, all: median gap", Sample.Quantile(gaps, 0.5));
        yield return new OurNumber($"{data.Name}, all: standard deviation of gaps", deviation);
        yield return new OurNumber($"{data.Name}, all: p95 of gaps", Sample.Quantile(gaps, 0.95));
        yield return new OurNumber($"{data.Name}, all: p99 of gaps", Sample.Quantile(gaps, 0.99));
        yield return new OurNumber($"{data.Name}, all: longest gap", gaps[^1]);
        yield return new OurNumber($"{data.Name}, all: gaps over 1 h", gaps.Count(g => g > 3600));
        yield return new OurNumber($"{data.Name}, all: mean rate", 1 / mean);
        yield return new OurNumber($"{data.Name}, all: rate in the densest 60 s", Densest(times) / (double)Minute);
        double[] tokens = Sample.Sorted(TokensByMinute(rows));
        yield return new OurNumber($"{data.Name}, all: tokens/s, mean of minutes with rows", tokens.Average());
        yield return new OurNumber(
            $"{data.Name}, all: tokens/s, p99.5 of such minutes", Sample.Quantile(tokens, 0.995));
        yield return new OurNumber($"{data.Name}, all: tokens/s, greatest of such minutes", tokens[^1]);
    }

    private static int Densest(double[] times)
    {
        (int from, int most) = (0, 0);
        for (int i = 0; i < times.Length; i++)
        {
            while (times[i] - times[from] >= Minute)
            {
                from++;
            }

            most = Math.Max(most, i - from + 1);
        }

        return most;
    }

    private static IEnumerable<double> TokensByMinute(ServiceRows rows)
    {
        for (int from = 0, to; from < rows.Count; from = to)
        {
            long tokens = 0;
            for (to = from; to < rows.Count
                && Math.Floor(rows.Times[to] / Minute) == Math.Floor(rows.Times[from] / Minute); to++)
            {
                tokens += rows.Prompts[to] + rows.Outputs[to];
            }

            yield return tokens / (double)Minute;
        }
    }

    private static IEnumerable<OurNumber> Peaks(DataSet data)
    {
        ServiceDescription all = data.Description.Services[0];
        ServiceDescription? talk = Services.OfLogType(data, Services.Conversation);
        foreach ((string of, Composition? c) in new[] { ("all", all.Composition), ("conversation", talk?.Composition) })
        {
            yield return new OurNumber($"{data.Name}, {of}: rows in the second of the row before", c?.Ties);
            yield return new OurNumber($"{data.Name}, {of}: busiest minute", c?.BusiestMinute);
            yield return new OurNumber($"{data.Name}, {of}: busiest hour", c?.BusiestHour);
            yield return new OurNumber($"{data.Name}, {of}: busiest 20 minutes", c?.BusiestWindow);
        }

        foreach (Dispersion d in (talk?.Dispersion ?? []).Where(d => d.WithinHours is not null))
        {
            yield return new OurNumber(
                $"{data.Name}, conversation: dispersion at {d.ScaleS:0} s around hours' means", d.WithinHours);
        }
    }

    private static IEnumerable<OurNumber> Variations(DataSet data)
    {
        foreach ((string of, string logType) in new[]
            { ("API", Services.Api), ("conversation", Services.Conversation) })
        {
            GapVariation? v = Services.OfLogType(data, logType)?.Burstiness.Variations
                .Single(w => w.LengthS == Window);
            yield return new OurNumber($"{data.Name}, {of}: variation in 5 minutes, p10", v?.P10);
            yield return new OurNumber($"{data.Name}, {of}: variation in 5 minutes, median", v?.P50);
            yield return new OurNumber($"{data.Name}, {of}: variation in 5 minutes, p90", v?.P90);
            yield return new OurNumber($"{data.Name}, {of}: windows with variation above 1", 100 * v?.ShareAboveOne);
        }
    }
}
