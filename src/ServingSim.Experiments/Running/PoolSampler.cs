using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments.Results;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Running;

/// <summary>What a pool did between two readings of what it has counted and integrated.</summary>
internal sealed class PoolSampler(Pool pool)
{
    private readonly List<double> _ttftS = [];
    private Reading _before;

    internal Pool Pool => pool;

    internal void AddTtft(SimTime ttft) => _ttftS.Add(ttft.TotalSeconds);

    /// <summary>The row of a window that ends now; the pool's replicas are settled.</summary>
    internal TimeSeriesRecord Window(SimTime start, SimTime end)
    {
        Reading now = Read(end);
        Reading before = _before;
        double ticks = (end - start).Ticks;
        LatencyStatistics? ttft = LatencyStatistics.Of(_ttftS);
        _ttftS.Clear();
        _before = now;
        double serving = (double)(now.ServingTicks - before.ServingTicks) / ticks;
        double blocks = serving * (pool.Replicas[0].State.Kv.TotalBlocks - 1);
        return new TimeSeriesRecord
        {
            StartS = start.TotalSeconds,
            Pool = pool.Name,
            Arrived = now.Arrived - before.Arrived,
            Refused = now.Refused - before.Refused,
            Completed = now.Completed - before.Completed,
            Failed = now.Failed - before.Failed,
            RunningMean = (double)(now.RunningTicks - before.RunningTicks) / ticks,
            WaitingMean = (double)(now.WaitingTicks - before.WaitingTicks) / ticks,
            KvCacheUsageMean = blocks > 0
                ? (double)(now.UsedBlockTicks - before.UsedBlockTicks) / ticks / blocks
                : 0,
            ReplicasMean = serving,
            TtftP50S = ttft?.P50Ms / 1e3,
            TtftP99S = ttft?.P99Ms / 1e3,
            Preemptions = now.Preemptions - before.Preemptions,
            PromptTokens = now.PromptTokens - before.PromptTokens,
            OutputTokens = now.OutputTokens - before.OutputTokens,
        };
    }

    private Reading Read(SimTime now)
    {
        Reading sum = new()
        {
            Arrived = pool.Arrived,
            Refused = pool.Refused,
            Completed = pool.Completed,
            Failed = pool.Failed,
            ServingTicks = pool.ServingTicks(now),
        };
        foreach (Replica replica in pool.Replicas)
        {
            ReplicaStatistics statistics = replica.Statistics;
            sum = sum with
            {
                RunningTicks = sum.RunningTicks + statistics.RunningTicks,
                WaitingTicks = sum.WaitingTicks + statistics.WaitingTicks,
                UsedBlockTicks = sum.UsedBlockTicks + statistics.UsedBlockTicks,
                Preemptions = sum.Preemptions + statistics.Preemptions,
                PromptTokens = sum.PromptTokens + statistics.PrefillTokens,
                OutputTokens = sum.OutputTokens + statistics.OutputTokens,
            };
        }

        return sum;
    }

    private readonly record struct Reading(
        long Arrived,
        long Refused,
        long Completed,
        long Failed,
        Int128 RunningTicks,
        Int128 WaitingTicks,
        Int128 UsedBlockTicks,
        Int128 ServingTicks,
        long Preemptions,
        long PromptTokens,
        long OutputTokens);
}
