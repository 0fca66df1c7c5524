using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Running;

/// <summary>
/// Cuts a run into windows of equal simulated time: at each edge it reads what the replicas have counted and
/// integrated, and the difference to the edge before is the window's row. Reading changes nothing.
/// </summary>
internal sealed class TimeSeriesSampler
{
    private readonly Simulation _simulation;
    private readonly ServingCluster _cluster;
    private readonly SimTime _interval;
    private readonly Func<bool> _goesOn;
    private readonly SimEvent _edge;
    private readonly List<TimeSeriesRecord> _windows = [];
    private readonly List<double> _ttftS = [];
    private SimTime _start;
    private Reading _before;

    internal TimeSeriesSampler(Simulation simulation, ServingCluster cluster, SimTime interval, Func<bool> goesOn)
    {
        (_simulation, _cluster, _interval, _goesOn) = (simulation, cluster, interval, goesOn);
        _edge = new SimEvent(simulation.AddSource("time series"), Phase.Control, OnEdge);
        simulation.Schedule(_edge, interval);
    }

    /// <summary>Hears of a first token, in the present window.</summary>
    internal void AddTtft(SimTime ttft) => _ttftS.Add(ttft.TotalSeconds);

    /// <summary>Ends the last window now; all windows.</summary>
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
        if (_goesOn())
        {
            _simulation.Schedule(_edge, _simulation.Now + _interval);
        }
    }

    private void CloseWindow()
    {
        Reading now = Read();
        double ticks = (_simulation.Now - _start).Ticks;
        LatencyStatistics? ttft = LatencyStatistics.Of(_ttftS);
        _ttftS.Clear();
        long blocks = _cluster.Pool.Replicas.Sum(r => r.State.Kv.TotalBlocks - 1L);
        _windows.Add(new TimeSeriesRecord
        {
            StartS = _start.TotalSeconds,
            Pool = _cluster.Pool.Name,
            Arrived = now.Arrived - _before.Arrived,
            Completed = now.Completed - _before.Completed,
            RunningMean = (double)(now.RunningTicks - _before.RunningTicks) / ticks,
            WaitingMean = (double)(now.WaitingTicks - _before.WaitingTicks) / ticks,
            KvCacheUsageMean = (double)(now.UsedBlockTicks - _before.UsedBlockTicks) / ticks / blocks,
            TtftP50S = ttft?.P50Ms / 1e3,
            TtftP99S = ttft?.P99Ms / 1e3,
            Preemptions = now.Preemptions - _before.Preemptions,
            PromptTokens = now.PromptTokens - _before.PromptTokens,
            OutputTokens = now.OutputTokens - _before.OutputTokens,
        });
        (_before, _start) = (now, _simulation.Now);
    }

    private Reading Read()
    {
        Reading sum = new()
        {
            Arrived = _cluster.Arrived,
            Completed = _cluster.CompletedCount,
        };
        foreach (Replica replica in _cluster.Pool.Replicas)
        {
            replica.SettleTo(_simulation.Now, _simulation.Phase);
            sum = sum with
            {
                RunningTicks = sum.RunningTicks + replica.Statistics.RunningTicks,
                WaitingTicks = sum.WaitingTicks + replica.Statistics.WaitingTicks,
                UsedBlockTicks = sum.UsedBlockTicks + replica.Statistics.UsedBlockTicks,
                Preemptions = sum.Preemptions + replica.Statistics.Preemptions,
                PromptTokens = sum.PromptTokens + replica.Statistics.PrefillTokens,
                OutputTokens = sum.OutputTokens + replica.Statistics.OutputTokens,
            };
        }

        return sum;
    }

    private readonly record struct Reading(
        long Arrived,
        long Completed,
        Int128 RunningTicks,
        Int128 WaitingTicks,
        Int128 UsedBlockTicks,
        long Preemptions,
        long PromptTokens,
        long OutputTokens);
}
