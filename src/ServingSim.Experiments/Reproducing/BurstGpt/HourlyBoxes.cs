using System.ComponentModel;
using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>Options of <see cref="HourlyBoxes"/>.</summary>
/// <param name="Quantities">What an hour is counted in: a row of panels each.</param>
/// <param name="Tops">Where the vertical axes end, panel by panel, as the original's do; empty to fit.</param>
public sealed record HourlyBoxesOptions(
    IReadOnlyList<HourQuantity> Quantities, [property: DefaultValue("[]")] IReadOnlyList<double> Tops);

/// <summary>What an hour of a service is counted in.</summary>
public enum HourQuantity
{
    /// <summary>Rows, failed ones included.</summary>
    Requests,

    /// <summary>Request tokens.</summary>
    RequestTokens,

    /// <summary>Response tokens.</summary>
    ResponseTokens,
}

/// <summary>
/// Box plots of what comes in each hour of workdays, a panel for each service. Hours without a row of the service are
/// left out, as they are where rows are grouped by day and hour.
/// </summary>
internal sealed class HourlyBoxes(HourlyBoxesOptions options) : IReproduction
{
    private const double WhiskerReach = 1.5;

    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        List<Panel> panels = [];
        List<OurNumber> ours = [];
        foreach (HourQuantity quantity in options.Quantities)
        {
            foreach ((string name, ServiceDescription? service) in Services.OrNone(context.FirstData))
            {
                HourBox?[] boxes =
                [
                    .. Enumerable.Range(0, HourlyLoad.HoursPerDay).Select(h => service?.Load.Box(
                        h,
                        load => Of(load, quantity),
                        (day, load) => load.Requests > 0 && !service.Load.IsWeekend(day))),
                ];
                double? top = panels.Count < options.Tops.Count ? options.Tops[panels.Count] : null;
                panels.Add(new Panel(
                    options.Quantities.Count == 1 ? name : $"{name}: {Name(quantity)}",
                    new PlotAxis("hour of the day", -0.7, 23.7, TickEvery: 3),
                    new PlotAxis($"{Name(quantity)} an hour", 0, top),
                    [new PlotSeries("", SeriesKind.Boxes, [.. Points(boxes)], 0)]));
                ours.AddRange(Numbers(name, quantity, boxes));
            }
        }

        string id = context.Figure.Id;
        return new ReproducedFigure(
            [
                new Picture(
                    id,
                    "What comes in an hour, Monday to Friday: median, quartiles, and whiskers to 1.5 quartile ranges; "
                    + "hours without a request left out",
                    panels, options.Quantities.Count == 1 ? 2 : Services.All.Length),
            ],
            [], ours);
    }

    private static IEnumerable<PlotPoint> Points(HourBox?[] boxes) => boxes.Index()
        .Where(b => b.Item is not null)
        .Select(b => (b.Index, Box: b.Item!.Value))
        .Select(b => new PlotPoint(
            b.Index, b.Box.Median, Math.Max(b.Box.Min, b.Box.Q1 - (WhiskerReach * (b.Box.Q3 - b.Box.Q1))),
            Math.Min(b.Box.Max, b.Box.Q3 + (WhiskerReach * (b.Box.Q3 - b.Box.Q1))), b.Box.Q1, b.Box.Q3));

    private static IEnumerable<OurNumber> Numbers(string name, HourQuantity quantity, HourBox?[] boxes)
    {
        if (quantity == HourQuantity.Requests && name.EndsWith("conversation", StringComparison.Ordinal))
        {
            foreach ((int hour, HourBox? box) in boxes.Index())
            {
                yield return new OurNumber($"{name}: median at {hour} h", box?.Median);
            }
        }
        else if (quantity != HourQuantity.Requests)
        {
            yield return new OurNumber(
                $"{name}: highest median of {Name(quantity)}", boxes.Max(b => b?.Median));
            yield return new OurNumber(
                $"{name}: highest whisker of {Name(quantity)}", Points(boxes).Max(p => p.High));
        }
    }

    private static string Name(HourQuantity quantity) => quantity switch
    {
        HourQuantity.Requests => "requests",
        HourQuantity.RequestTokens => "request tokens",
        _ => "response tokens",
    };

    private static double Of(HourLoad load, HourQuantity quantity) => quantity switch
    {
        HourQuantity.Requests => load.Requests,
        HourQuantity.RequestTokens => load.PromptTokens,
        _ => load.OutputTokens,
    };
}
