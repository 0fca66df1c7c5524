namespace ServingSim.Engine.Specs;

/// <summary>How one replica is spread over GPUs.</summary>
/// <param name="Tp">Tensor-parallel degree: GPUs that share every matrix, and so the replica's GPUs.</param>
public sealed record Parallelism(int Tp = 1)
{
    /// <summary>What is wrong with this number alone, for the reader of the file it came from.</summary>
    public IEnumerable<string> Problems() => Problem.List(Problem.UnlessPositive("tp", Tp));

    /// <summary>Why a model that is fine in itself cannot be split this way.</summary>
    public IEnumerable<string> ProblemsWith(ModelSpec model)
    {
        if (Tp <= 0)
        {
            return [];
        }

        int kvHeads = model.NumKeyValueHeads;
        return Problem.List(
            UnlessDivides("num_attention_heads", model.NumAttentionHeads),
            UnlessDivides("intermediate_size", model.IntermediateSize ?? 0),
            UnlessDivides("moe.expert_intermediate_size", model.Moe?.ExpertIntermediateSize ?? 0),
            UnlessDivides("moe.shared_intermediate_size", model.Moe?.SharedIntermediateSize ?? 0),
            Problem.Unless(
                kvHeads <= 0 || kvHeads % Tp == 0 || Tp % kvHeads == 0,
                $"num_key_value_heads ({kvHeads}) and tp ({Tp}) must divide one another"));
    }

    private string? UnlessDivides(string key, int value) =>
        Problem.Unless(value % Tp == 0, $"{key} ({value}) must be a multiple of tp ({Tp})");
}
