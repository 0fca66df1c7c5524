using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// A latency model whose steps all take so much longer or shorter on the device: what a run would be if the model were
/// wrong by that factor. Host time stays the same.
/// <para>
/// The base and the slope of each line of decodes are scaled apart and each rounded up to whole ticks, so that scaled
/// steps lie on a line too. A step that also prefills adds the scaled rest. What rounding adds is below a tick (10 ps)
/// for each context token, in which no GPU reads 100 bytes of KV.
/// </para>
/// </summary>
public sealed class ScaledLatency : ILatencyModel
{
    /// <summary>The factor that changes nothing, in parts per million.</summary>
    public const int Unscaled = 1_000_000;

    private readonly ILatencyModel _model;
    private readonly int _partsPerMillion;

    /// <summary>A model's steps, times a factor.</summary>
    /// <param name="model">The model.</param>
    /// <param name="partsPerMillion">The factor of device time, in parts per million; more than 0.</param>
    public ScaledLatency(ILatencyModel model, int partsPerMillion)
    {
        Check.That(partsPerMillion > 0, $"steps times {partsPerMillion} ppm");
        (_model, _partsPerMillion) = (model, partsPerMillion);
    }

    /// <inheritdoc/>
    public StepTime TimeOf(in StepShape shape)
    {
        StepTime time = _model.TimeOf(shape);
        Int128 ticks = time.Device.Ticks;
        ticks = shape.Decodes > 0 && _model.DecodeLine(shape.Decodes, shape.DecodeContextTokens) is { } line
            ? TicksOn(line, shape.DecodeContextTokens) + Scaled(ticks - line.Time.Device.Ticks)
            : Scaled(ticks);
        return time with { Device = LatencyTicks.WithinClock(ticks) };
    }

    /// <inheritdoc/>
    public DecodeLine? DecodeLine(int decodes, long contextTokens)
    {
        if (_model.DecodeLine(decodes, contextTokens) is not { } line)
        {
            return null;
        }

        // Where two lines meet, the next one is asked: rounded, they need not meet there
        return new DecodeLine(
            line.Time with { Device = LatencyTicks.WithinClock(TicksOn(line, contextTokens)) },
            (long)Scaled(line.TicksPerContextToken),
            line.LastContextTokens == long.MaxValue
                ? long.MaxValue
                : Math.Max(contextTokens, line.LastContextTokens - 1));
    }

    /// <inheritdoc/>
    public StepRange? Range => _model.Range;

    /// <summary>The scaled time on a line: what it is without any context, and what each context token adds.</summary>
    private Int128 TicksOn(DecodeLine line, long contextTokens)
    {
        Int128 basis = line.Time.Device.Ticks - ((Int128)line.TicksPerContextToken * contextTokens);
        return Scaled(basis) + (Scaled(line.TicksPerContextToken) * contextTokens);
    }

    /// <summary>The product, rounded up; of negative ticks too.</summary>
    private Int128 Scaled(Int128 ticks)
    {
        (Int128 quotient, Int128 remainder) = Int128.DivRem(ticks * _partsPerMillion, Unscaled);
        return remainder > 0 ? quotient + 1 : quotient;
    }
}
