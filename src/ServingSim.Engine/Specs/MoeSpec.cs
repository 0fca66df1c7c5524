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
    int SharedIntermediateSize = 0)
{
    /// <summary>What is wrong with these numbers, for the reader of the file they came from.</summary>
    public IEnumerable<string> Problems() => Problem.List(
        Problem.UnlessPositive("moe.experts", Experts),
        Problem.UnlessPositive("moe.experts_per_token", ExpertsPerToken),
        Problem.UnlessPositive("moe.expert_intermediate_size", ExpertIntermediateSize),
        Problem.UnlessNotNegative("moe.shared_intermediate_size", SharedIntermediateSize),
        Problem.Unless(
            ExpertsPerToken <= Experts,
            $"moe.experts_per_token ({ExpertsPerToken}) must not exceed moe.experts ({Experts})"));
}
