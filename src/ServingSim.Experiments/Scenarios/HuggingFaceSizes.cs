namespace ServingSim.Experiments.Scenarios;

/// <summary>Whether a config.json's numbers can be those of a model, told by its own keys and all at once.</summary>
internal static class HuggingFaceSizes
{
    private static readonly string[] Required =
        ["hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "max_position_embeddings"];

    private static readonly string[] Positive =
    [
        .. Required, "num_key_value_heads", "intermediate_size", "head_dim", "kv_lora_rank", "q_lora_rank",
        "qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim", "sliding_window_pattern",
    ];

    private static readonly string[] NotNegative =
    [
        "num_experts", "n_shared_experts", "first_k_dense_replace", "shared_expert_intermediate_size",
        "shared_intermediate_size", "max_window_layers", "attention_chunk_size",
    ];

    /// <summary>Refuses what is no whole number, out of its range, or does not divide what it should.</summary>
    internal static void Check(HuggingFaceFile config)
    {
        bool isMixture = config["num_experts"] is { Text: not "0" };
        string[] ofMixture = ["num_experts_per_tok", "moe_intermediate_size"];
        string[] required = isMixture ? [.. Required, "num_experts_per_tok"] : Required;
        foreach (string key in required.Where(key => config[key] is null))
        {
            config.Refuse(key, "missing, expected a whole number");
        }

        CheckRelations(
            config,
            isMixture,
            (isMixture ? [.. Positive, .. ofMixture] : Positive).ToDictionary(key => key, key => config.Whole(key, 1)));
        foreach (string key in NotNegative)
        {
            config.Whole(key);
        }
    }

    private static void CheckRelations(HuggingFaceFile config, bool isMixture, Dictionary<string, int?> sizes)
    {
        bool isLatent = config["kv_lora_rank"] is not null;
        int? heads = sizes["num_attention_heads"];
        if (!isLatent && config["multi_query"] is null && heads % sizes["num_key_value_heads"] is > 0)
        {
            config.Refuse(
                "num_attention_heads",
                $"found {heads}, expected a multiple of num_key_value_heads ({sizes["num_key_value_heads"]})");
        }

        if (!isLatent && config["head_dim"] is null && sizes["hidden_size"] % heads is > 0)
        {
            config.Refuse(
                "hidden_size",
                $"found {sizes["hidden_size"]}, expected a multiple of num_attention_heads ({heads}), or head_dim");
        }

        if (!isMixture)
        {
            return;
        }

        int? experts = config.Whole("num_experts", 1);
        if (sizes["num_experts_per_tok"] > experts)
        {
            config.Refuse(
                "num_experts_per_tok",
                $"found {sizes["num_experts_per_tok"]}, expected at most the experts ({experts})");
        }

        if (config.Whole("first_k_dense_replace") is { } dense && dense >= sizes["num_hidden_layers"])
        {
            config.Refuse(
                "first_k_dense_replace",
                $"found {dense}, expected fewer than num_hidden_layers ({sizes["num_hidden_layers"]})");
        }
    }
}
