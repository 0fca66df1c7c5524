using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;

namespace ServingSim.Benchmarks;

/// <summary>The requests of a synthetic scenario, drawn beforehand: what an engine is given.</summary>
/// <param name="Arrivals">When each arrives, in order.</param>
/// <param name="Lengths">How long each is.</param>
public sealed record PlannedRequests(SimTime[] Arrivals, RequestLengths[] Lengths)
{
    /// <summary>How many.</summary>
    public int Count => Arrivals.Length;

    /// <summary>Draws the requests of a scenario that limits their number, as its workload would.</summary>
    public static PlannedRequests Of(Scenario scenario)
    {
        RandomStreams streams = new(scenario.Seed);
        IArrivals arrivals = scenario.Workload.Arrivals!.Create(streams);
        IJointLengths lengths = LengthsOf(scenario, streams);
        RandomStream prompts = streams.Stream("prompt-lengths");
        RandomStream outputs = streams.Stream("output-lengths");
        long count = scenario.Requests!.Value;
        PlannedRequests planned = new(new SimTime[count], new RequestLengths[count]);
        SimTime last = SimTime.Zero;
        for (int i = 0; i < planned.Count; i++)
        {
            Draws prompt = prompts.At(i);
            Draws output = outputs.At(i);
            planned.Arrivals[i] = last = arrivals.NextAfter(last, i);
            planned.Lengths[i] = lengths.Draw(ref prompt, ref output);
        }

        return planned;
    }

    /// <summary>The lengths that a scenario draws, together or apart.</summary>
    public static IJointLengths LengthsOf(Scenario scenario, RandomStreams streams) =>
        scenario.Workload.Lengths?.Create(streams)
        ?? new IndependentLengths(
            scenario.Workload.PromptTokens!.Create(streams), scenario.Workload.OutputTokens!.Create(streams));
}
