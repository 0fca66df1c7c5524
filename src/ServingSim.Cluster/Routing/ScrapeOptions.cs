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
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (Interval < SimTime.FromMilliseconds(1))
        {
            yield return (nameof(Interval), $"found {Interval}, expected at least 1ms");
        }
    }
}
