using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>
/// A distribution of prompt and output lengths together. The two draw from streams of their own, so that another
/// distribution of outputs leaves the prompts as they are.
/// </summary>
public interface IJointLengths
{
    /// <summary>Draws the lengths of one request.</summary>
    RequestLengths Draw(ref Draws prompt, ref Draws output);
}
