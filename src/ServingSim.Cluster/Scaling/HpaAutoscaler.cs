using System.ComponentModel;
using ServingSim.Cluster.Routing;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Scaling;

/// <summary>Options of the autoscaler <c>hpa</c>, with Kubernetes' defaults.</summary>
/// <param name="Target">What the metric should be of a replica on average.</param>
/// <param name="Sync">How often it looks.</param>
/// <param name="DownscaleStabilization">
/// It scales down to the most that it recommended within this time, and no further; what there was when it first looked
/// counts as recommended then.
/// </param>
/// <param name="PolicyPeriod">The time in which no more changes than the policies below allow.</param>
/// <param name="Metric">What is measured of each replica.</param>
/// <param name="Tolerance">A relative distance from the target that changes nothing.</param>
/// <param name="ScaleUpPercent">So many percent more, or so many pods, whichever is more.</param>
/// <param name="ScaleUpPods">See <paramref name="ScaleUpPercent"/>.</param>
/// <param name="ScaleDownPercent">So many percent fewer.</param>
public sealed record HpaOptions(
    double Target,
    [property: DefaultValue("15s")] SimTime Sync,
    [property: DefaultValue("300s")] SimTime DownscaleStabilization,
    [property: DefaultValue("15s")] SimTime PolicyPeriod,
    ScalingMetric Metric = ScalingMetric.Waiting,
    double Tolerance = 0.1,
    int ScaleUpPercent = 100,
    int ScaleUpPods = 4,
    int ScaleDownPercent = 100) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(Target > 0 && double.IsFinite(Target)))
        {
            yield return (nameof(Target), $"found {Target}, expected more than 0");
        }

        if (Metric == ScalingMetric.KvCacheUsage && Target > 1)
        {
            yield return (nameof(Target), $"found {Target}, expected a share of KV blocks, at most 1");
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

        if (PolicyPeriod <= SimTime.Zero)
        {
            yield return (nameof(PolicyPeriod), $"found {PolicyPeriod}, expected more than 0s");
        }

        if (ScaleUpPercent < 0 || ScaleUpPods < 0 || ScaleUpPercent + (long)ScaleUpPods == 0)
        {
            yield return (
                nameof(ScaleUpPods),
                $"found {ScaleUpPods} pods and {ScaleUpPercent} percent, expected at least 0, and not both 0");
        }

        if (ScaleDownPercent is < 1 or > 100)
        {
            yield return (nameof(ScaleDownPercent), $"found {ScaleDownPercent}, expected 1 to 100");
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
/// longer do so nothing happens. Down it goes only as far as the highest recommendation that is younger than the
/// stabilisation time, of which the first is what there was (recordInitialRecommendation), and either way no faster
/// than its policies allow, from what there was when their period began (replica_calculator.go and
/// horizontal.go, 2025; the policies are those that Kubernetes documents as its default behavior).
/// </summary>
public sealed class HpaAutoscaler(HpaOptions options) : IAutoscaler
{
    private readonly Queue<(SimTime At, int Replicas)> _recommended = new();

    /// <summary>Changes of the policies' period, by the look that led to them.</summary>
    private readonly Queue<(SimTime At, int More)> _changes = new();
    private (SimTime At, int Replicas)? _lastLook;

    /// <inheritdoc/>
    public SimTime? NextLook(SimTime after) =>
        new SimTime(((after.Ticks / options.Sync.Ticks) + 1) * options.Sync.Ticks);

    /// <inheritdoc/>
    public int? Wanted(PoolLoad load)
    {
        if (_lastLook is null)
        {
            _recommended.Enqueue((load.Now, load.Current));
        }

        while (_recommended.TryPeek(out (SimTime At, int Replicas) oldest)
            && oldest.At <= load.Now - options.DownscaleStabilization)
        {
            _recommended.Dequeue();
        }

        int recommended = Recommended(load);
        int stable = recommended >= load.Current
            ? recommended
            : Math.Min(load.Current, _recommended.Select(r => r.Replicas).Append(recommended).Max());
        _recommended.Enqueue((load.Now, recommended));
        return NoFaster(stable, load);
    }

    /// <summary>So many replicas, as far as the policies allow.</summary>
    private int NoFaster(int wanted, PoolLoad load)
    {
        if (_lastLook is { } last && last.Replicas != load.Current)
        {
            _changes.Enqueue((last.At, load.Current - last.Replicas));
        }

        _lastLook = (load.Now, load.Current);
        while (_changes.TryPeek(out (SimTime At, int More) first) && first.At <= load.Now - options.PolicyPeriod)
        {
            _changes.Dequeue();
        }

        long began = load.Current - _changes.Sum(change => change.More);
        long most = Math.Max(
            began + options.ScaleUpPods, (long)Math.Ceiling(began * (1 + (options.ScaleUpPercent / 100.0))));
        long least = (long)(began * (1 - (options.ScaleDownPercent / 100.0)));
        return wanted > load.Current
            ? (int)Math.Min(wanted, Math.Max(most, load.Current))
            : (int)Math.Max(wanted, Math.Min(least, load.Current));
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
