using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>Options of <c>uniform</c>.</summary>
/// <param name="MinTokens">The least length.</param>
/// <param name="MaxTokens">The greatest length.</param>
public sealed record UniformLengthsOptions(int MinTokens, int MaxTokens) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (MinTokens < 1)
        {
            yield return (nameof(MinTokens), $"found {MinTokens}, expected at least 1");
        }

        if (MaxTokens < MinTokens)
        {
            yield return (nameof(MaxTokens), $"found {MaxTokens}, expected at least the minimum, {MinTokens}");
        }
    }
}

/// <summary>Every length between two limits is as likely as the next.</summary>
public sealed class UniformLengths(UniformLengthsOptions options) : ILengths
{
    /// <inheritdoc/>
    public int Draw(ref Draws draws) =>
        options.MinTokens + draws.NextIndex(options.MaxTokens - options.MinTokens + 1);
}
