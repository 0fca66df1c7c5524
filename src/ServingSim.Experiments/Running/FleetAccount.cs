using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Engine.Specs;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Running;

/// <summary>Counts what completed requests got from each pool, and what the pools' GPUs took for it.</summary>
internal sealed class FleetAccount(IReadOnlyDictionary<string, PoolSection> pools)
{
    private const double SecondsPerHour = 3600;

    // Shares of its thermal design power: what a GPU takes idle, and what it takes more when wholly active
    private const double IdlePower = 0.43;
    private const double ActivePower = 0.43;

    private readonly Dictionary<string, (long Requests, long Tokens, long OutputTokens)> _completed = [];

    /// <summary>A request ended.</summary>
    internal void Add(in EndedRequest ended)
    {
        if (ended is { Outcome: ClientOutcome.Completed, Replica: { } replica })
        {
            string pool = RequestRecord.PoolOf(replica.Name)!;
            (long requests, long tokens, long outputTokens) = _completed.GetValueOrDefault(pool);
            tokens += ended.Client.PromptTokens + ended.OutputTokens;
            _completed[pool] = (requests + 1, tokens, outputTokens + ended.OutputTokens);
        }
    }

    /// <summary>The figures of a pool, whose replicas are settled.</summary>
    internal FleetFigures Of(Pool pool, SimTime now)
    {
        PoolSection section = pools[pool.Name];
        GpuSpec gpu = section.Gpu.Value;
        ModelSpec model = section.Model.Value;
        ModelShard whole = new(model, new Parallelism());
        IEnumerable<ReplicaStatistics> statistics = pool.Replicas.Select(r => r.Statistics);
        double paidS = SecondsOf(pool.PaidTicks(now)) * pool.GpusPerReplica;
        double servingS = SecondsOf(pool.ServingTicks(now)) * pool.GpusPerReplica;
        double busyS = statistics.Sum(s => s.Busy.TotalSeconds) * pool.GpusPerReplica;
        double layerTokens = statistics.Sum(s => (double)s.PrefillTokens + s.DecodeTokens);
        double headTokens = statistics.Sum(s => (double)s.OutputTokens);
        double head = (double)model.HiddenSize * model.VocabSize;
        double contextBytes = statistics.Sum(s => (double)s.DecodeContextTokens)
            * whole.KvBytesPerToken(section.Engine.KvCacheDtype);
        (long requests, long tokens, long outputTokens) = _completed.GetValueOrDefault(pool.Name);
        double flop = 2 * ((layerTokens * whole.MatrixWeightsPerToken) + (headTokens * head));
        double? bytes = model.Moe is null
            ? (statistics.Sum(s => (double)s.Steps) * whole.WeightBytes) + contextBytes
            : null;
        double flopPerS = gpu.FlopsPerS(model.WeightDtype);
        double bytesPerS = gpu.HbmGbPerS * 1e9;

        // Activity is what a step computes and reads, over what its time allows, and at most 1
        double activeS = Math.Min(busyS, (flop / flopPerS) + (bytes / bytesPerS ?? busyS));
        double kwPerGpu = gpu.TdpW / 1000;
        return new FleetFigures(
            paidS / SecondsPerHour,
            servingS / SecondsPerHour,
            busyS / SecondsPerHour,
            requests,
            tokens,
            outputTokens,
            paidS / SecondsPerHour * gpu.UsdPerHour,
            kwPerGpu * ((IdlePower * paidS) + (ActivePower * activeS)) / SecondsPerHour,
            flop,
            servingS * flopPerS,
            bytes,
            servingS * bytesPerS,
            pool.ReplicasStarted,
            pool.ReplicasStopped,
            ServesWhole: pool.Role == PoolRole.Mixed);
    }

    private static double SecondsOf(Int128 ticks) => (double)ticks / SimTime.TicksPerSecond;
}
