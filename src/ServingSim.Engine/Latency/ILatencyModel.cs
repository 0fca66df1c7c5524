namespace ServingSim.Engine.Latency;

/// <summary>
/// How long a step of a given shape takes: a pure function, the same for the same shape at any time. No step is faster
/// than the hardware's peaks allow, and none takes less than one tick. An empty shape (no tokens) is a legal step.
/// </summary>
public interface ILatencyModel
{
    /// <summary>The time of one step.</summary>
    StepTime TimeOf(in StepShape shape);

    /// <summary>
    /// The line on which <see cref="TimeOf"/> lies for steps of nothing but <paramref name="decodes"/> decodes, from
    /// <paramref name="contextTokens"/> on; null where it is no line, so that every step is asked for.
    /// </summary>
    DecodeLine? DecodeLine(int decodes, long contextTokens) => null;

    /// <summary>The steps that were measured, beyond which it extrapolates; null where it does not know.</summary>
    StepRange? Range => null;
}
