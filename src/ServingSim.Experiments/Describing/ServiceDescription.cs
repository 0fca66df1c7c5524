namespace ServingSim.Experiments.Describing;

/// <summary>What a trace tells of one service, or of several together.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Members">The services whose rows these are, in the order of the trace's.</param>
/// <param name="IsTogether">Whether it is several services together, each of which is told of too.</param>
/// <param name="Composition">Rows and lengths.</param>
/// <param name="Load">Requests and tokens by hour.</param>
/// <param name="Burstiness">Gaps in windows.</param>
/// <param name="Dispersion">Counts over scales of time.</param>
/// <param name="Conversations">Turns and the time between; null where no row has a session.</param>
/// <param name="Relation">Responses against requests.</param>
/// <param name="PromptFit">Distributions of request tokens; null where there are too few.</param>
/// <param name="OutputFit">Distributions of response tokens; null where there are too few.</param>
/// <param name="Failures">Where failures lie.</param>
public sealed record ServiceDescription(
    string Name, IReadOnlyList<TraceService> Members, bool IsTogether, Composition Composition, HourlyLoad Load,
    Burstiness Burstiness, IReadOnlyList<Dispersion> Dispersion, Conversations? Conversations,
    LengthRelation Relation, LengthFit? PromptFit, LengthFit? OutputFit, Failures Failures)
{
    internal static ServiceDescription Of(
        ServiceRows rows, ServiceRows all, IReadOnlyList<TraceService> members, bool isTogether, DayOfWeek? firstDay)
    {
        HourlyLoad load = HourlyLoad.Of(
            rows, HourlyLoad.HourOf(all.Times[0]), HourlyLoad.HourOf(all.Times[^1]), firstDay);
        (int[] prompts, int[] outputs) = rows.Successes();
        return new ServiceDescription(
            rows.Name, members, isTogether, Composition.Of(rows), load, Burstiness.Of(rows, load),
            Describing.Dispersion.Of(rows, all), Describing.Conversations.Of(rows), LengthRelation.Of(rows),
            LengthFit.Of(prompts), LengthFit.Of(outputs), Describing.Failures.Of(rows, load));
    }
}
