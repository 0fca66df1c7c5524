using ServingSim.Kernel;

namespace ServingSim.Engine.Specs;

/// <summary>The mixture of experts that replaces the dense FFN, in every layer but perhaps the first ones.</summary>
/// <param name="Experts">Routed experts a layer.</param>
/// <param name="ExpertsPerToken">Routed experts that each token visits (top-k).</param>
/// <param name="ExpertIntermediateSize">FFN width of one routed expert.</param>
/// <param name="SharedIntermediateSize">FFN width, summed, of the experts that every token visits.</param>
/// <param name="FirstDenseLayers">How many of the first layers have a dense FFN instead (DeepSeek's
/// <c>first_k_dense_replace</c>).</param>
/// <param name="WeightDtype">How the routed experts are stored, where it differs from the model's other
/// matrices.</param>
public sealed record MoeSpec(
    int Experts,
    int ExpertsPerToken,
    int ExpertIntermediateSize,
    int SharedIntermediateSize = 0,
    int FirstDenseLayers = 0,
    WeightDtype? WeightDtype = null) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessPositive(Experts),
        Problem.UnlessPositive(ExpertsPerToken),
        Problem.UnlessPositive(ExpertIntermediateSize),
        Problem.UnlessNotNegative(SharedIntermediateSize),
        Problem.UnlessNotNegative(FirstDenseLayers),
        Problem.Unless(
            ExpertsPerToken <= Experts, nameof(ExpertsPerToken),
            $"found {ExpertsPerToken}, expected at most experts ({Experts})"));
}
