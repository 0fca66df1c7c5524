using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>A distribution of token counts, all at least 1.</summary>
public interface ILengths
{
    /// <summary>Draws one count of tokens.</summary>
    int Draw(ref Draws draws);
}
