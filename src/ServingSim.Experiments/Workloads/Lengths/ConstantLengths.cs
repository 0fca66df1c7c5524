using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Lengths;

/// <summary>Options of <c>constant</c>.</summary>
/// <param name="Tokens">The one length, in tokens.</param>
public sealed record ConstantLengthsOptions(int Tokens) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() =>
        Tokens >= 1 ? [] : [(nameof(Tokens), $"found {Tokens}, expected at least 1")];
}

/// <summary>Every length is the same.</summary>
public sealed class ConstantLengths(ConstantLengthsOptions options) : ILengths
{
    /// <inheritdoc/>
    public int Draw(ref Draws draws) => options.Tokens;
}
