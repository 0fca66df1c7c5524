using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>Options of <see cref="ResponseByRequest"/>.</summary>
/// <param name="RequestTo">Where the axis of request tokens ends.</param>
/// <param name="ResponseTo">Where that of response tokens ends.</param>
/// <param name="Tables">The sets of rows whose bins are told as numbers, those that are missing left out.</param>
public sealed record ResponseByRequestOptions(double RequestTo, double ResponseTo, IReadOnlyList<string> Tables);

/// <summary>Response tokens against request tokens of conversations: mean, median and a band of 90 %.</summary>
internal sealed class ResponseByRequest(ResponseByRequestOptions options) : IReproduction
{
    private const int Fewest = 10;

    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        (string Name, ServiceDescription Description)[] services = [.. Services.ConversationsIn(context.FirstData)];
        List<OurNumber> ours = [];
        List<string[]> rows = [];
        foreach (string name in options.Tables)
        {
            foreach ((string service, ServiceDescription description) in
                context.Find(name) is { } data ? Services.ConversationsIn(data) : [])
            {
                Add(name, service, description.Relation, ours, rows);
            }
        }

        return new ReproducedFigure(
            [
                new Picture(
                    context.Figure.Id, "Response tokens by request tokens of conversations",
                    [.. services.Select(s => PanelOf(s.Name, s.Description.Relation))], 2),
            ],
            [
                new PackTable(
                    "response-by-request", "Response tokens by request tokens",
                    ["data", "service", "request tokens above", "up to", "rows", "mean", "p5", "median", "p95"], rows),
            ],
            ours);
    }

    private Panel PanelOf(string name, LengthRelation relation)
    {
        RelationBin[] bins = [.. relation.Bins.Where(b => b.Rows >= Fewest && b.UpTo < int.MaxValue)];
        PlotPoint At(RelationBin bin, double y) => new((bin.Above + bin.UpTo) / 2.0, y);
        return new Panel(
            name,
            new PlotAxis("request tokens (middle of a bin)", 0, options.RequestTo),
            new PlotAxis("response tokens", 0, options.ResponseTo),
            [
                new PlotSeries(
                    "90 % of responses", SeriesKind.Band,
                    [.. bins.Select(b => At(b, b.P50) with { Low = b.P5, High = b.P95 })], 0),
                new PlotSeries("median", SeriesKind.Line, [.. bins.Select(b => At(b, b.P50))], 0),
                new PlotSeries("mean", SeriesKind.Line, [.. bins.Select(b => At(b, b.Mean))], 1),
            ]);
    }

    private static void Add(
        string data, string service, LengthRelation relation, List<OurNumber> ours, List<string[]> rows)
    {
        ours.Add(new OurNumber($"{data}, {service}: slope from 300 to 2,000", relation.Line?.Slope));
        ours.Add(new OurNumber($"{data}, {service}: intercept from 300 to 2,000", relation.Line?.Intercept));
        foreach (RelationBin bin in relation.Bins.Where(b => b.Rows >= Fewest && b.UpTo <= 3000))
        {
            string of = $"{data}, {service}, {bin.Above}-{bin.UpTo} tokens";
            ours.Add(new OurNumber($"{of}: mean", bin.Mean));
            ours.Add(new OurNumber($"{of}: p5", bin.P5));
            ours.Add(new OurNumber($"{of}: median", bin.P50));
            ours.Add(new OurNumber($"{of}: p95", bin.P95));
            rows.Add(
            [
                data, service, TableText.Whole(bin.Above), TableText.Whole(bin.UpTo), TableText.Whole(bin.Rows),
                TableText.Fixed(bin.Mean, 1), TableText.Fixed(bin.P5, 1), TableText.Fixed(bin.P50, 1),
                TableText.Fixed(bin.P95, 1),
            ]);
        }
    }
}
