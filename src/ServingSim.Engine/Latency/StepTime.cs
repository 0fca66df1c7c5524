using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>
/// What a step costs its host (scheduling, launching, sampling, detokenising) and its device (kernels). Without
/// asynchronous scheduling the step lasts their sum.
/// </summary>
/// <param name="Host">Time on the host.</param>
/// <param name="Device">Time on the device.</param>
public readonly record struct StepTime(SimTime Host, SimTime Device)
{
    /// <summary>The duration of a step whose host and device work do not overlap.</summary>
    public SimTime Sum => Host + Device;
}
