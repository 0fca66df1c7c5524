using System.ComponentModel;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Scaling;

/// <summary>
/// Options of the autoscaler <c>thresholds</c>; those that are not given are as the metric says: waiting requests 5 and
/// 0.2, the share of KV blocks 0.9 and 0.5.
/// </summary>
/// <param name="AdjustmentInterval">How often it decides.</param>
/// <param name="MetricInterval">How often it measures in between.</param>
/// <param name="By">What is measured.</param>
/// <param name="Up">One replica more where the mean exceeds this.</param>
/// <param name="Down">One replica fewer where the mean is below this.</param>
/// <param name="GraceIntervals">
/// By KV usage: so many decisions after one for a replica more none is for one fewer. By queue: a replica more only if
/// the queue would still be too long after so many intervals more of its present trend.
/// </param>
public sealed record ThresholdOptions(
    [property: DefaultValue("10s")] SimTime AdjustmentInterval,
    [property: DefaultValue("1s")] SimTime MetricInterval,
    ThresholdMetric By = ThresholdMetric.Queue,
    double? Up = null,
    double? Down = null,
    int GraceIntervals = 3) : IValidated
{
    internal double UpOrDefault => Up ?? (By == ThresholdMetric.Queue ? 5 : 0.9);

    internal double DownOrDefault => Down ?? (By == ThresholdMetric.Queue ? 0.2 : 0.5);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (MetricInterval < SimTime.FromMilliseconds(1))
        {
            yield return (nameof(MetricInterval), $"found {MetricInterval}, expected at least 1ms");
        }
        else if (AdjustmentInterval < MetricInterval || AdjustmentInterval.Ticks % MetricInterval.Ticks != 0)
        {
            yield return (
                nameof(AdjustmentInterval), $"found {AdjustmentInterval}, expected a multiple of metric_interval");
        }

        if (!(UpOrDefault > DownOrDefault && DownOrDefault >= 0))
        {
            yield return (null, $"found up {UpOrDefault} and down {DownOrDefault}, expected up above down, at least 0");
        }

        if (By == ThresholdMetric.KvCacheUsage && UpOrDefault >= 1)
        {
            yield return (nameof(Up), $"found {UpOrDefault}, expected a share of KV blocks, below 1");
        }

        if (GraceIntervals < 0)
        {
            yield return (nameof(GraceIntervals), $"found {GraceIntervals}, expected at least 0");
        }
    }
}

/// <summary>What thresholds are of.</summary>
public enum ThresholdMetric
{
    /// <summary>Waiting requests of a replica: Dynamo's rule for prefill.</summary>
    Queue,

    /// <summary>The used share of a replica's KV blocks: Dynamo's rule for decode.</summary>
    KvCacheUsage,
}

/// <summary>
/// One replica more or fewer where the mean over the last interval is past a threshold, and none while a change is
/// under way (NVIDIA Dynamo's first load planner, 2025-03).
/// </summary>
public sealed class ThresholdAutoscaler(ThresholdOptions options) : IAutoscaler
{
    private readonly List<double> _measured = [];
    private int _grace;

    /// <inheritdoc/>
    public SimTime? NextLook(SimTime after) =>
        new SimTime(((after.Ticks / options.MetricInterval.Ticks) + 1) * options.MetricInterval.Ticks);

    /// <inheritdoc/>
    public int? Wanted(PoolLoad load)
    {
        if (load.Ready.Count > 0)
        {
            _measured.Add(load.Ready.Average(r => HpaAutoscaler.Of(
                r, options.By == ThresholdMetric.Queue ? ScalingMetric.Waiting : ScalingMetric.KvCacheUsage)));
        }

        if (load.Now.Ticks % options.AdjustmentInterval.Ticks != 0 || _measured.Count == 0)
        {
            return null;
        }

        double mean = _measured.Average();
        double expected = _measured[^1] + ((_measured[^1] - _measured[0]) * options.GraceIntervals);
        _measured.Clear();
        bool mayShrink = _grace == 0;
        _grace = Math.Max(0, _grace - 1);
        if (load.Starting + load.Draining > 0)
        {
            return null;
        }

        if (mean < options.DownOrDefault && mayShrink)
        {
            return load.Current - 1;
        }

        if (mean <= options.UpOrDefault || (options.By == ThresholdMetric.Queue && expected <= options.UpOrDefault))
        {
            return load.Current;
        }

        _grace = options.By == ThresholdMetric.KvCacheUsage ? options.GraceIntervals : 0;
        return load.Current + 1;
    }
}
