using ServingSim.Kernel;

namespace ServingSim.Engine.Specs;

/// <summary>How one replica is spread over GPUs.</summary>
/// <param name="Tp">Tensor-parallel degree: GPUs that share every matrix, and so the replica's GPUs.</param>
/// <param name="Dp">Data-parallel attention: so many replicas, each with attention, KV and a scheduler of its own,
/// share one set of routed experts over tp · dp GPUs (vLLM's <c>data_parallel_size</c>). They are taken to step
/// together with equal loads.</param>
/// <param name="Ep">Expert-parallel degree: over how many of the tp · dp GPUs whole experts are spread; what is left
/// divides each expert (vLLM's <c>enable_expert_parallel</c> is ep = tp · dp).</param>
/// <param name="Pp">Pipeline-parallel degree: stages of tp GPUs each, which hold the layers in turn. A step passes them
/// one after the other, and up to pp steps are in flight.</param>
public sealed record Parallelism(int Tp = 1, int Dp = 1, int Ep = 1, int Pp = 1) : IValidated
{
    /// <summary>GPUs of a replica.</summary>
    public int Gpus => Tp * Pp;

    /// <summary>GPUs that share the routed experts.</summary>
    public int ExpertGpus => Tp * Dp;

    /// <summary>Over how many GPUs each routed expert is divided.</summary>
    public int ExpertTp => ExpertGpus / Ep;

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems() => Problem.List(
        Problem.UnlessPositive(Tp),
        Problem.UnlessPositive(Dp),
        Problem.UnlessPositive(Ep),
        Problem.UnlessPositive(Pp),
        Problem.Unless(
            Tp <= 0 || Dp <= 0 || Ep <= 0 || Tp * (long)Dp % Ep == 0, nameof(Ep),
            $"found {Ep}, expected a divisor of tp · dp ({Tp * (long)Dp})"));

    /// <summary>
    /// How many layers each stage holds: equally many, and what remains one each to the stages from the last but one
    /// on backwards, as the last has the LM head (vLLM's get_pp_indices).
    /// </summary>
    public IReadOnlyList<int> LayersOfStages(int layers) =>
    [
        .. Enumerable.Range(1, Pp).Select(
            stage => (layers / Pp) + (stage < Pp && Pp - stage <= layers % Pp ? 1 : 0)),
    ];

    /// <summary>How many boundaries between stages lie between domains of so many GPUs, as many stages in each as
    /// fit.</summary>
    public int BoundariesBeyond(int linkGpus) => (Pp - 1) / Math.Max(1, linkGpus / Tp);

    /// <summary>Why GPUs that are fine in themselves cannot be joined this way.</summary>
    public IEnumerable<string> ProblemsWith(GpuSpec gpu)
    {
        int most = Math.Max(ExpertGpus, Gpus);
        if (Tp > 0 && Dp > 0 && Pp > 0 && most > gpu.LinkGpus && gpu.NetworkGbPerS is null)
        {
            string of = Dp > 1 && ExpertGpus >= Gpus ? "tp · dp" : "tp · pp";
            yield return $"{of} is {most}, but the link of {gpu.DeviceName} joins link_gpus ({gpu.LinkGpus}) of them; "
                + "expected at most as many, or network_gb_per_s in the GPU's file";
        }
    }

    /// <summary>Why a model that is fine in itself cannot be split this way.</summary>
    public IEnumerable<string> ProblemsWith(ModelSpec model)
    {
        if (Tp <= 0 || Dp <= 0 || Ep <= 0 || Pp <= 0)
        {
            yield break;
        }

        (string Key, int Value, string By, int Parts)[] split =
        [
            ("num_attention_heads", model.NumAttentionHeads, "tp", Tp),
            ("intermediate_size", model.IntermediateSize ?? 0, "tp", Tp),
            ("moe.shared_intermediate_size", model.Moe?.SharedIntermediateSize ?? 0, "tp", Tp),
            ("moe.expert_intermediate_size", model.Moe?.ExpertIntermediateSize ?? 0, Ep == 1 && Dp == 1 ? "tp"
                : "tp · dp / ep", ExpertTp),
            ("moe.experts", model.Moe?.Experts ?? 0, "ep", Ep),
        ];
        foreach ((string key, int value, string by, int parts) in split.Where(s => s.Value % s.Parts != 0))
        {
            yield return $"{key} ({value}) must be a multiple of {by} ({parts})";
        }

        if (Pp > model.NumHiddenLayers)
        {
            yield return $"pp ({Pp}) must be at most num_hidden_layers ({model.NumHiddenLayers})";
        }

        if (model.Moe is null && Ep * Dp > 1)
        {
            yield return "dp and ep above 1 need a model of experts; for copies of a dense model raise replicas";
        }

        int kvHeads = model.NumKeyValueHeads;
        if (model.Mla is null && kvHeads > 0 && kvHeads % Tp != 0 && Tp % kvHeads != 0)
        {
            yield return $"num_key_value_heads ({kvHeads}) and tp ({Tp}) must divide one another";
        }
    }
}
