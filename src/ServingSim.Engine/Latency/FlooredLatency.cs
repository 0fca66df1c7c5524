using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// A latency model whose steps are never shorter than another's: fitted numbers, used where nothing was measured, with
/// the hardware's peaks below them.
/// </summary>
public sealed class FlooredLatency : ILatencyModel
{
    private readonly ILatencyModel _model;
    private readonly ILatencyModel _floor;

    /// <summary>The longer of two models' steps.</summary>
    /// <param name="model">Whose steps count.</param>
    /// <param name="floor">How long they take at least on the device.</param>
    public FlooredLatency(ILatencyModel model, ILatencyModel floor) => (_model, _floor) = (model, floor);

    /// <summary>The model, its steps never faster than peak FLOPs and bandwidth allow.</summary>
    public static FlooredLatency AbovePhysics(
        ILatencyModel model, ModelSpec served, GpuSpec gpu, Parallelism parallelism, KvCacheDtype kvCacheDtype) =>
        new(model, new RooflineLatency(
            RooflineOptions.Ideal,
            served,
            gpu,
            parallelism,
            kvCacheDtype));

    /// <inheritdoc/>
    public StepTime TimeOf(in StepShape shape)
    {
        StepTime time = _model.TimeOf(shape);
        return time with { Device = SimTime.Later(time.Device, _floor.TimeOf(shape).Device) };
    }

    /// <inheritdoc/>
    public DecodeLine? DecodeLine(int decodes, long contextTokens) =>
        _model.DecodeLine(decodes, contextTokens) is { } line && _floor.DecodeLine(decodes, contextTokens) is { } floor
            ? line.Time.Device >= floor.Time.Device
                ? UpToCrossing(contextTokens, line, floor)
                : UpToCrossing(contextTokens, floor with { Time = floor.Time with { Host = line.Time.Host } }, line)
            : null;

    /// <inheritdoc/>
    public StepRange? Range => _model.Range;

    /// <summary>The line that is above the other where it was asked for, up to where it no longer is.</summary>
    private static DecodeLine UpToCrossing(long contextTokens, DecodeLine above, DecodeLine below)
    {
        long last = Math.Min(above.LastContextTokens, below.LastContextTokens);
        long approach = below.TicksPerContextToken - above.TicksPerContextToken;
        return above with
        {
            LastContextTokens = approach <= 0
                ? last
                : Math.Min(last, contextTokens + ((above.Time.Device - below.Time.Device).Ticks / approach)),
        };
    }
}
