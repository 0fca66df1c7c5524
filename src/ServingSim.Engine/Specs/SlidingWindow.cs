using ServingSim.Kernel;

namespace ServingSim.Engine.Specs;

/// <summary>Layers in which a token attends to no more than the latest tokens.</summary>
/// <param name="Tokens">How many tokens it attends to at most, itself included.</param>
/// <param name="Layers">In how many of the model's layers; the others attend to everything.</param>
public sealed record SlidingWindow(int Tokens, int Layers) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessPositive(Tokens),
        Problem.UnlessPositive(Layers));
}
