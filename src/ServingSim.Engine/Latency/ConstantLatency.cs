using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>Options of <see cref="ConstantLatency"/>.</summary>
/// <param name="StepMs">Duration of every step, in ms; 0 stands for one tick.</param>
public sealed record ConstantLatencyOptions(double StepMs) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
        Problem.List(Problem.UnlessNotNegative(StepMs));
}

/// <summary>
/// Every step takes the same time, whatever it computes, and one tick where it computes nothing: for timelines worked
/// out by hand.
/// </summary>
public sealed class ConstantLatency : ILatencyModel
{
    private readonly StepTime _time;

    /// <summary>A model whose every step takes the options' time, all of it on the device.</summary>
    public ConstantLatency(ConstantLatencyOptions options)
    {
        Problem.CheckNone(options);
        _time = new StepTime(
            SimTime.Zero, SimTime.Later(SimTime.OneTick, new SimTime(LatencyTicks.RoundedUp(options.StepMs))));
    }

    /// <inheritdoc/>
    public StepTime TimeOf(in StepShape shape) =>
        shape.Tokens == 0 ? new StepTime(SimTime.Zero, SimTime.OneTick) : _time;

    /// <inheritdoc/>
    public DecodeLine? DecodeLine(int decodes, long contextTokens) => new(_time, 0);
}
