using System.ComponentModel;
using ServingSim.Cluster.Routing;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Scaling;

/// <summary>Options of the autoscaler <c>hpa</c>, with Kubernetes' defaults.</summary>
/// <param name="Target">What the metric should be of a replica on average.</param>
/// <param name="Sync">How often it looks.</param>
/// <param name="DownscaleStabilization">
/// It scales down to the most that it recommended within this time, and no further.
/// </param>
/// <param name="Metric">What is measured of each replica.</param>
/// <param name="Tolerance">A relative distance from the target that changes nothing.</param>
public sealed record HpaOptions(
    double Target,
    [property: DefaultValue("15s")] SimTime Sync,
    [property: DefaultValue("300s")] SimTime DownscaleStabilization,
    ScalingMetric Metric = ScalingMetric.Waiting,
    double Tolerance = 0.1) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(Target > 0 && double.IsFinite(Target)))
        {
            yield return (nameof(Target), $"found {Target}, expected more than 0");
        }

        if (Sync < SimTime.FromMilliseconds(1))
        {
            yield return (nameof(Sync), $"found {Sync}, expected at least 1ms");
        }

        if (DownscaleStabilization < SimTime.Zero)
        {
            yield return (nameof(DownscaleStabilization), $"found {DownscaleStabilization}, expected at least 0s");
        }

        if (!(Tolerance is >= 0 and < 1))
        {
            yield return (nameof(Tolerance), $"found {Tolerance}, expected a number from 0 to below 1");
        }
    }
}

/// <summary>What an autoscaler measures of each replica.</summary>
public enum ScalingMetric
{
    /// <summary>Waiting requests, as the gauge tells (vllm:num_requests_waiting).</summary>
    Waiting,

    /// <summary>Waiting and running requests, as the gauges tell.</summary>
    Requests,

    /// <summary>The used share of the KV blocks, 0 … 1, as the gauge tells (vllm:kv_cache_usage_perc).</summary>
    KvCacheUsage,

    /// <summary>Unended requests, as the router counts them.</summary>
    Concurrency,
}

/// <summary>
/// Kubernetes' HorizontalPodAutoscaler with a pod metric: ⌈replicas · mean metric / target⌉, unless the ratio is within
/// the tolerance. Replicas that are starting count as without load when it would scale up, and if that makes it no
/// longer do so nothing happens. Down it goes only as far as the highest recommendation of the stabilisation time
/// (replica_calculator.go and horizontal.go, 2025). Limits on the speed of scaling are not modelled.
/// </summary>
public sealed class HpaAutoscaler(HpaOptions options) : IAutoscaler
{
    private readonly Queue<(SimTime At, int Replicas)> _recommended = new();

    /// <inheritdoc/>
    public SimTime? NextLook(SimTime after) =>
        new SimTime(((after.Ticks / options.Sync.Ticks) + 1) * options.Sync.Ticks);

    /// <inheritdoc/>
    public int Wanted(PoolLoad load)
    {
        int recommended = Recommended(load);
        _recommended.Enqueue((load.Now, recommended));
        while (_recommended.Peek().At < load.Now - options.DownscaleStabilization)
        {
            _recommended.Dequeue();
        }

        return recommended >= load.Current
            ? recommended
            : Math.Min(load.Current, _recommended.Max(r => r.Replicas));
    }

    /// <summary>The metric of one replica.</summary>
    internal static double Of(ReplicaView replica, ScalingMetric metric) => metric switch
    {
        ScalingMetric.Waiting => replica.Gauges.Waiting,
        ScalingMetric.Requests => replica.Gauges.Waiting + replica.Gauges.Running,
        ScalingMetric.KvCacheUsage => replica.Gauges.KvCacheUsage,
        ScalingMetric.Concurrency => replica.Outstanding,
        _ => throw new InvariantException($"no metric {metric}"),
    };

    private int Recommended(PoolLoad load)
    {
        if (load.Ready.Count == 0)
        {
            return load.Current;
        }

        double sum = load.Ready.Sum(replica => Of(replica, options.Metric));
        (double ratio, int counted) = (sum / load.Ready.Count / options.Target, load.Ready.Count);
        if (Math.Abs(ratio - 1) <= options.Tolerance)
        {
            return load.Current;
        }

        if (ratio > 1 && load.Starting > 0)
        {
            (ratio, counted) = (sum / load.Current / options.Target, load.Current);
            if (ratio < 1 || Math.Abs(ratio - 1) <= options.Tolerance)
            {
                return load.Current;
            }
        }

        return (int)Math.Min(int.MaxValue, Math.Ceiling(ratio * counted));
    }
}
