using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>A latency model of the device behind a host: what the model says, and the host's own time.</summary>
public sealed class HostedLatency : ILatencyModel
{
    private readonly ILatencyModel _device;
    private readonly SimTime _perStep;
    private readonly SimTime _perSequence;
    private readonly SimTime _perRequest;

    /// <summary>A model whose host time is what <paramref name="device"/> says of it, and the overhead.</summary>
    public HostedLatency(ILatencyModel device, HostOverhead overhead)
    {
        Problem.CheckNone(overhead);
        _device = device;
        _perStep = new SimTime(LatencyTicks.RoundedUp(overhead.MsPerStep));
        _perSequence = new SimTime(LatencyTicks.RoundedUp(overhead.UsPerSequence / 1e3));
        _perRequest = new SimTime(LatencyTicks.RoundedUp(overhead.UsPerRequest / 1e3));
    }

    /// <inheritdoc/>
    public StepTime TimeOf(in StepShape shape)
    {
        StepTime time = _device.TimeOf(shape);
        return time with { Host = time.Host + HostTime(shape.Sequences, shape.Admissions) };
    }

    /// <inheritdoc/>
    public DecodeLine? DecodeLine(int decodes, long contextTokens) =>
        _device.DecodeLine(decodes, contextTokens) is { } line
            ? line with { Time = line.Time with { Host = line.Time.Host + HostTime(decodes, 0) } }
            : null;

    /// <inheritdoc/>
    public StepRange? Range => _device.Range;

    private SimTime HostTime(int sequences, int admissions) =>
        _perStep + (_perSequence * sequences) + (_perRequest * admissions);
}
