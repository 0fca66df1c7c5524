using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// Reads all replicas' gauges at every multiple of the interval. It rests while the cluster is empty: nothing would
/// change until the next arrival, which wakes it.
/// </summary>
internal sealed class GaugeScraper
{
    private readonly Simulation _simulation;
    private readonly ScrapeOptions _options;
    private readonly IReadOnlyList<ReplicaView> _views;
    private readonly SimEvent _scrape;

    internal GaugeScraper(Simulation simulation, ScrapeOptions options, IReadOnlyList<ReplicaView> views)
    {
        (_simulation, _options, _views) = (simulation, options, views);
        _scrape = new SimEvent(simulation.AddSource("gauge scraper"), Phase.Control, Scrape) { IsLook = true };
    }

    /// <summary>A request arrived.</summary>
    internal void Wake()
    {
        if (!_scrape.IsPending)
        {
            long intervals = (_simulation.Now.Ticks + _options.Interval.Ticks - 1) / _options.Interval.Ticks;
            _simulation.Schedule(_scrape, new SimTime(intervals * _options.Interval.Ticks));
        }
    }

    private void Scrape()
    {
        bool isEmpty = true;
        foreach (ReplicaView view in _views)
        {
            view.Scrape(_simulation.Now + _options.Delay);
            isEmpty &= view.Outstanding == 0;
        }

        if (!isEmpty)
        {
            _simulation.Schedule(_scrape, _simulation.Now + _options.Interval);
        }
    }
}
