using ServingSim.Kernel;

namespace ServingSim.Engine.Specs;

/// <summary>The mixture of experts that replaces the dense FFN in every layer.</summary>
/// <param name="Experts">Routed experts a layer.</param>
/// <param name="ExpertsPerToken">Routed experts that each token visits (top-k).</param>
/// <param name="ExpertIntermediateSize">FFN width of one routed expert.</param>
/// <param name="SharedIntermediateSize">FFN width, summed, of the experts that every token visits.</param>
public sealed record MoeSpec(
    int Experts,
    int ExpertsPerToken,
    int ExpertIntermediateSize,
    int SharedIntermediateSize = 0) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessPositive(Experts),
        Problem.UnlessPositive(ExpertsPerToken),
        Problem.UnlessPositive(ExpertIntermediateSize),
        Problem.UnlessNotNegative(SharedIntermediateSize),
        Problem.Unless(
            ExpertsPerToken <= Experts, nameof(ExpertsPerToken),
            $"found {ExpertsPerToken}, expected at most experts ({Experts})"));
}
