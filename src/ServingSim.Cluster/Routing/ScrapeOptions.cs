using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// How routers learn the replicas' gauges: read at every multiple of the interval, and known some time later.
/// </summary>
/// <param name="Interval">
/// The time between two readings. Real gateways use 50 ms (Gateway API Inference Extension) to seconds.
/// </param>
/// <param name="Delay">How long a reading takes to reach the router.</param>
public sealed record ScrapeOptions(SimTime Interval, SimTime Delay = default) : IValidated
{
    /// <summary>Every reading that is on its way to the router is kept.</summary>
    private const int MostOnTheWay = 1_000;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Interval < SimTime.FromMilliseconds(1))
        {
            yield return (nameof(Interval), $"found {Interval}, expected at least 1ms");
        }
        else if (Delay.Ticks / MostOnTheWay > Interval.Ticks)
        {
            yield return (nameof(Delay), $"found {Delay}, expected at most {MostOnTheWay} intervals");
        }
    }
}
