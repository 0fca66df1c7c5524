namespace ServingSim.Engine.Latency;

/// <summary>How a step's device time falls to the stages of a pipeline: a pure function of the step's shape.</summary>
public interface IStageShares
{
    /// <summary>
    /// Writes a share for each stage, in order; what they mean is their proportions. None is negative, and one is more
    /// than 0.
    /// </summary>
    void Of(in StepShape shape, Span<long> shares);
}
