using ServingSim.Engine.Latency;

namespace ServingSim.Experiments.Scenarios;

/// <summary>Puts together how long a pool's steps take: its latency model and its host.</summary>
public static class LatencyResolution
{
    /// <summary>A model of the times of the pool's steps, the host's included.</summary>
    public static ILatencyModel Resolve(PoolSection pool)
    {
        LatencyContext context = new(
            pool.Model.Value, pool.Gpu.Value, pool.Parallelism, pool.Engine.KvCacheDtype);
        ILatencyModel model = pool.Latency.Part.Create(context);
        int factor = pool.Latency.DevicePartsPerMillion;
        return new HostedLatency(
            factor == ScaledLatency.Unscaled ? model : context.AboveFloor(new ScaledLatency(model, factor)),
            HostOf(pool).For(pool.Parallelism.Gpus));
    }

    /// <summary>
    /// How the pool's steps fall to the stages of its pipeline, whatever latency model says how long they take: as by
    /// the roofline, fitted where that is the latency model.
    /// </summary>
    internal static RooflineStages StagesOf(PoolSection pool) => new(
        pool.Latency.Part.Options as RooflineOptions ?? new RooflineOptions(),
        pool.Model.Value,
        pool.Gpu.Value,
        pool.Parallelism,
        pool.Engine.KvCacheDtype);

    /// <summary>What the pool's host adds to each step.</summary>
    public static HostOverhead HostOf(PoolSection pool)
    {
        HostOverhead usual =
            pool.Latency.Part.Options is IDeviceLatencyOptions ? HostOverhead.Usual : new HostOverhead();
        return pool.Host.Over(pool.Latency.File?.Value.Host.Over(usual) ?? usual);
    }

    /// <summary>The pool's host with every default filled in.</summary>
    internal static HostSection Filled(PoolSection pool)
    {
        HostOverhead host = HostOf(pool);
        return new HostSection(
            host.MsPerStep,
            host.UsPerSequence,
            host.UsPerRequest,
            host.FrontendMs,
            host.BroadcastMs,
            host.BroadcastUsPerSequence);
    }
}
