using ServingSim.Experiments.Describing;

namespace ServingSim.Experiments.Reproducing.BurstGpt;

/// <summary>Options of <see cref="TurnsAndGaps"/>.</summary>
/// <param name="MostTurns">Where the axis of turns ends.</param>
public sealed record TurnsAndGapsOptions(int MostTurns);

/// <summary>How many requests conversations have, and the time between them.</summary>
internal sealed class TurnsAndGaps(TurnsAndGapsOptions options) : IReproduction
{
    /// <inheritdoc/>
    public ReproducedFigure Run(ReproductionContext context)
    {
        ServiceDescription all = context.FirstData.Description.Services[0];
        if (all.Conversations is not { } c)
        {
            return new ReproducedFigure([], [], [], new Verdict(
                VerdictKind.DataMissing, $"No row of {context.FirstData.Origin} has a session."));
        }

        PlotPoint[] turns =
        [
            .. c.AllTurns.Where(t => t.Turns <= options.MostTurns)
                .Select(t => new PlotPoint(t.Turns, 100.0 * t.Sessions / c.Sessions)),
        ];
        PlotPoint[] gaps = [.. Conversations.GapLevels.Zip(c.GapsS, (level, gap) => new PlotPoint(gap, 100 * level))];
        return new ReproducedFigure(
            [
                new Picture(
                    context.Figure.Id, "Requests of a conversation, and the time from one to the next",
                    [
                        new Panel(
                            "Requests", new PlotAxis("requests of a conversation", 0.5, options.MostTurns + 0.5),
                            new PlotAxis("share of conversations (%)", 0),
                            [new PlotSeries("", SeriesKind.Bars, turns, 0)]),
                        new Panel(
                            "Intervals", new PlotAxis("start to start (s)", 10, 100_000, IsLog: true),
                            new PlotAxis("share of intervals up to it (%)", 0, 100),
                            [new PlotSeries("", SeriesKind.LineAndPoints, gaps, 0)]),
                    ],
                    2),
            ],
            [],
            [.. Numbers(c)]);
    }

    private static IEnumerable<OurNumber> Numbers(Conversations c)
    {
        yield return new OurNumber("conversations", c.Sessions);
        yield return new OurNumber("requests of a conversation: mean", c.MeanTurns);
        yield return new OurNumber("requests of a conversation: median", c.Turns.P50);
        yield return new OurNumber("requests of a conversation: p75", c.Turns.P75);
        yield return new OurNumber("requests of a conversation: p90", c.Turns.P90);
        yield return new OurNumber("requests of a conversation: p99", c.Turns.P99);
        foreach ((int i, double share) in c.TurnShares.Index())
        {
            yield return new OurNumber($"conversations of {i + 1} requests", 100 * share);
        }

        foreach ((double level, double gap) in Conversations.GapLevels.Zip(c.GapsS))
        {
            yield return new OurNumber($"interval: p{100 * level:0}", gap);
        }

        yield return new OurNumber("interval: mean", c.MeanGapS);
        yield return new OurNumber("interval: variation", c.GapVariation);
        yield return new OurNumber("interval: lognormal µ", c.GapLogMean);
        yield return new OurNumber("interval: lognormal σ", c.GapLogSigma);
        yield return new OurNumber("request tokens of first turns: mean", c.FirstPromptTokens);
        yield return new OurNumber("request tokens of later turns: mean", c.LaterPromptTokens);
    }
}
