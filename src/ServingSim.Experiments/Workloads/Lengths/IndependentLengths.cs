using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>Prompt and output lengths that know nothing of each other.</summary>
public sealed class IndependentLengths(ILengths promptLengths, ILengths outputLengths) : IJointLengths
{
    /// <inheritdoc/>
    public RequestLengths Draw(ref Draws prompt, ref Draws output) =>
        new(promptLengths.Draw(ref prompt), outputLengths.Draw(ref output));
}
