using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Kernel;

namespace ServingSim.Tests.Experiments.Workloads.Arrivals;

/// <summary>What the arrivals of a process look like.</summary>
internal static class Gaps
{
    /// <summary>The first arrivals.</summary>
    internal static SimTime[] Arrivals(IArrivals arrivals, int count)
    {
        SimTime[] instants = new SimTime[count];
        for (int i = 0; i < count; i++)
        {
            instants[i] = arrivals.NextAfter(i == 0 ? SimTime.Zero : instants[i - 1], i);
        }

        return instants;
    }

    /// <summary>Arrivals in each span of a length, up to an instant.</summary>
    internal static int[] Counts(IArrivals arrivals, SimTime span, int spans)
    {
        int[] counts = new int[spans];
        SimTime at = arrivals.NextAfter(SimTime.Zero, 0);
        for (long i = 1; at < span * spans; i++)
        {
            counts[at.Ticks / span.Ticks]++;
            at = arrivals.NextAfter(at, i);
        }

        return counts;
    }

    /// <summary>The gaps' mean in seconds and their coefficient of variation.</summary>
    internal static (double Mean, double Variation) Moments(IArrivals arrivals, int count = 100_000)
    {
        SimTime[] instants = Arrivals(arrivals, count);
        double mean = instants[^1].TotalSeconds / count;
        double square = 0;
        SimTime previous = default;
        foreach (SimTime at in instants)
        {
            double gap = (at - previous).TotalSeconds;
            square += gap * gap / count;
            previous = at;
        }

        return (mean, Math.Sqrt(square - (mean * mean)) / mean);
    }
}
