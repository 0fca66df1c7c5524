using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>Options of <see cref="WeeklyHeatMaps"/>.</summary>
/// <param name="FirstDay">The Monday that the first row begins with, on the axis of the files' times.</param>
/// <param name="Weeks">Rows of a map.</param>
/// <param name="FirstWeek">What the calendar calls the first row.</param>
/// <param name="ConversationTo">Where the colours of conversations end, in requests a day.</param>
/// <param name="ApiTo">Where those of the API end.</param>
public sealed record WeeklyHeatMapsOptions(
    int FirstDay, int Weeks, int FirstWeek, double ConversationTo, double ApiTo);

/// <summary>Requests a day by week and day of the week, a map for each service.</summary>
internal sealed class WeeklyHeatMaps(WeeklyHeatMapsOptions options) : IReproduction
{
    private static readonly string[] Weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        List<Panel> panels = [];
        List<OurNumber> ours = [];
        foreach ((string name, ServiceDescription? service) in Services.OrNone(context.FirstData))
        {
            double?[] days = DaysOf(service, context.FirstData);
            bool isApi = name.EndsWith("API", StringComparison.Ordinal);
            panels.Add(new Panel(
                name,
                new PlotAxis("", Names: Weekdays),
                new PlotAxis(
                    "week of the year",
                    Names: [.. Enumerable.Range(options.FirstWeek, options.Weeks).Select(w => TableText.Whole(w))]),
                [],
                new HeatMap(
                    [.. days.Chunk(Weekdays.Length)], "requests a day", 0,
                    isApi ? options.ApiTo : options.ConversationTo)));
            ours.AddRange(Numbers(name, isApi, days));
        }

        return new ReproducedFigure(
            [new Picture("readme-fig1", "Requests a day by week and day of the week", panels, 2)], [], ours);
    }

    private double?[] DaysOf(ServiceDescription? service, DataSet data)
    {
        Dictionary<int, int>? counts = service?.Load.Days().ToDictionary(d => d.Day, d => d.Load.Requests);
        return
        [
            .. Enumerable.Range(options.FirstDay, options.Weeks * Weekdays.Length).Select(day =>
                day >= data.FirstDay && day < data.FirstDay + data.DaysGiven
                    ? counts?.GetValueOrDefault(day) : null),
        ];
    }

    private static IEnumerable<OurNumber> Numbers(string name, bool isApi, double?[] days)
    {
        double[] workdays = Of(days, day => day < 5);
        double[] weekends = Of(days, day => day >= 5);
        yield return new OurNumber($"{name}: mean of Monday to Friday", Mean(workdays));
        yield return new OurNumber($"{name}: mean of Saturday and Sunday", Mean(weekends));
        if (isApi)
        {
            double[] all = [.. workdays, .. weekends];
            (double mean, double deviation) = all.Length > 1 ? Sample.Moments(all) : default;
            yield return new OurNumber($"{name}: variation of days", mean > 0 ? deviation / mean : null);
        }
    }

    private static double[] Of(double?[] days, Func<int, bool> selects) =>
        [.. days.Where((_, i) => selects(i % Weekdays.Length)).OfType<double>()];

    private static double? Mean(double[] values) => values.Length == 0 ? null : values.Average();
}
