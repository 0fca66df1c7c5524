using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>Mean requests of all services by hour of the day.</summary>
internal sealed class HourOfDay : IReproduction
{
    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        HourlyLoad load = context.FirstData.Description.Services[0].Load;
        double?[] means =
            [.. Enumerable.Range(0, HourlyLoad.HoursPerDay).Select(h => load.Box(h, l => l.Requests)?.Mean)];
        OurNumber[] ours = [.. means.Select((mean, hour) => new OurNumber(Name(hour), mean))];
        double?[] published =
        [
            .. Enumerable.Range(0, HourlyLoad.HoursPerDay).Select(hour =>
                context.Figure.File.Published.FirstOrDefault(p => p.Number == Name(hour))?.Value),
        ];
        return new ReproducedFigure(
            [
                new Picture(
                    context.Figure.Id, "Mean requests an hour by hour of the day, all services, all days",
                    [
                        new Panel(
                            "", new PlotAxis("hour of the day", -0.5, 23.5, TickEvery: 3),
                            new PlotAxis("requests an hour", 0),
                            [
                                new PlotSeries("these rows", SeriesKind.Bars, Points(means), 0),
                                new PlotSeries("counted on the real rows", SeriesKind.Points, Points(published), 1),
                            ]),
                    ]),
            ],
            [],
            [
                .. ours, new OurNumber("busiest over least busy hour", means.Max() / means.Min()),
                new OurNumber("busiest hour", Array.IndexOf(means, means.Max())),
                new OurNumber("least busy hour", Array.IndexOf(means, means.Min())),
            ]);
    }

    private static string Name(int hour) => $"mean at {hour} h";

    private static PlotPoint[] Points(double?[] means) =>
        [.. means.Index().Where(m => m.Item is not null).Select(m => new PlotPoint(m.Index, m.Item!.Value))];
}
