using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Running;

/// <summary>
/// Cuts a run into windows of equal simulated time: at each edge it reads what each pool has counted and integrated,
/// and the difference to the edge before is the window's row. Reading changes nothing.
/// </summary>
internal sealed class TimeSeriesSampler
{
    private readonly Simulation _simulation;
    private readonly SimTime _interval;
    private readonly Func<bool> _goesOn;
    private readonly SimEvent _edge;
    private readonly PoolSampler[] _pools;
    private readonly Dictionary<Replica, PoolSampler> _poolOf;
    private readonly List<TimeSeriesRecord> _windows = [];
    private SimTime _start;

    internal TimeSeriesSampler(Simulation simulation, ServingCluster cluster, SimTime interval, Func<bool> goesOn)
    {
        (_simulation, _interval, _goesOn) = (simulation, interval, goesOn);
        _pools = [.. cluster.Pools.Select(pool => new PoolSampler(pool))];
        _poolOf = _pools.SelectMany(s => s.Pool.Replicas.Select(r => (r, s))).ToDictionary();
        _edge = new SimEvent(simulation.AddSource("time series"), Phase.Control, OnEdge) { IsLook = true };
        simulation.Schedule(_edge, interval);
    }

    /// <summary>Hears of a first token, in the present window.</summary>
    internal void AddTtft(Replica replica, SimTime ttft) => _poolOf[replica].AddTtft(ttft);

    /// <summary>Ends the last window now; all windows, each with a row for every pool.</summary>
    internal IReadOnlyList<TimeSeriesRecord> Complete()
    {
        _simulation.Cancel(_edge);
        if (_simulation.Now > _start)
        {
            CloseWindow();
        }

        return _windows;
    }

    private void OnEdge()
    {
        CloseWindow();

        // Where nothing else is going to happen, what is open stays so: a fleet stands still
        if (_goesOn() && _simulation.PendingCount > 0)
        {
            _simulation.Schedule(_edge, _simulation.Now + _interval);
        }
    }

    private void CloseWindow()
    {
        foreach (Replica replica in _pools.SelectMany(p => p.Pool.Replicas))
        {
            replica.SettleTo(_simulation.Now, _simulation.Phase);
        }

        _windows.AddRange(_pools.Select(pool => pool.Window(_start, _simulation.Now)));
        _start = _simulation.Now;
    }
}
