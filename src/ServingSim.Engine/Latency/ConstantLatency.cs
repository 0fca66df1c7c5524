using ServingSim.Engine.Specs;
using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>Options of <see cref="ConstantLatency"/>.</summary>
/// <param name="StepMs">Duration of every step, in ms; 0 stands for one tick.</param>
public sealed record ConstantLatencyOptions(double StepMs)
{
    /// <summary>What is wrong with these numbers, for the reader of the file they came from.</summary>
    public IEnumerable<string> Problems() => Problem.List(Problem.UnlessNotNegative("step_ms", StepMs));
}

/// <summary>Every step takes the same time, whatever it computes: for timelines worked out by hand.</summary>
public sealed class ConstantLatency : ILatencyModel
{
    private readonly StepTime _time;

    /// <summary>A model whose every step takes the options' time, all of it on the device.</summary>
    public ConstantLatency(ConstantLatencyOptions options)
    {
        Problem.CheckNone(options.Problems());
        _time = new StepTime(
            SimTime.Zero, SimTime.Later(SimTime.OneTick, new SimTime(LatencyTicks.RoundedUp(options.StepMs))));
    }

    /// <inheritdoc/>
    public StepTime TimeOf(in StepShape shape) => _time;
}
