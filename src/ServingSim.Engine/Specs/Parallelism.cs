using ServingSim.Kernel;

namespace ServingSim.Engine.Specs;

/// <summary>How one replica is spread over GPUs.</summary>
/// <param name="Tp">Tensor-parallel degree: GPUs that share every matrix, and so the replica's GPUs.</param>
public sealed record Parallelism(int Tp = 1) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(Problem.UnlessPositive(Tp));

    /// <summary>Why a model that is fine in itself cannot be split this way.</summary>
    public IEnumerable<string> ProblemsWith(ModelSpec model)
    {
        if (Tp <= 0)
        {
            yield break;
        }

        (string Key, int Value)[] split =
        [
            ("num_attention_heads", model.NumAttentionHeads),
            ("intermediate_size", model.IntermediateSize ?? 0),
            ("moe.expert_intermediate_size", model.Moe?.ExpertIntermediateSize ?? 0),
            ("moe.shared_intermediate_size", model.Moe?.SharedIntermediateSize ?? 0),
        ];
        foreach ((string key, int value) in split.Where(s => s.Value % Tp != 0))
        {
            yield return $"{key} ({value}) must be a multiple of tp ({Tp})";
        }

        int kvHeads = model.NumKeyValueHeads;
        if (kvHeads > 0 && kvHeads % Tp != 0 && Tp % kvHeads != 0)
        {
            yield return $"num_key_value_heads ({kvHeads}) and tp ({Tp}) must divide one another";
        }
    }
}
