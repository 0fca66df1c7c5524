namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// Reads the config.json of a Hugging Face model as a model file: its own keys carry over; those that say nothing about
/// time or memory are left out; those that do but cannot be modelled (quantization, sliding windows, other dtypes or
/// activations) stay, so that they are refused as unknown. Only architectures whose layers are those of
/// <see cref="Engine.Specs.ModelSpec"/> with gated FFNs are translated; any other file stays as it is, and its
/// <c>model_type</c> is then an unknown key.
/// </summary>
internal static class HuggingFaceConfig
{
    private static readonly string[] ModelTypes = ["llama", "mistral", "qwen2", "qwen3", "mixtral", "qwen3_moe"];

    private static readonly string[] Same =
    [
        "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "vocab_size",
        "max_position_embeddings", "head_dim", "tie_word_embeddings",
    ];

    /// <summary>Keys that change time or memory unless they have one of these values.</summary>
    private static readonly (string Key, string[] Harmless)[] Refused =
    [
        ("quantization_config", []),
        ("sliding_window", []),
        ("hidden_act", ["silu"]),
        ("torch_dtype", ["bfloat16", "float16"]),
        ("dtype", ["bfloat16", "float16"]),
    ];

    internal static ConfigNode Translate(ConfigNode file)
    {
        if (file["model_type"] is not { } type || !ModelTypes.Contains(type.Text))
        {
            return file;
        }

        List<ConfigEntry> entries = [.. file.Entries.Where(e => Same.Contains(e.Key))];
        if (file["num_key_value_heads"] is null && file["num_attention_heads"] is { } heads)
        {
            // Without grouped-query attention, each query head has keys and values of its own
            entries.Add(new ConfigEntry("num_key_value_heads", heads.Origin, heads));
        }

        entries.AddRange(Ffn(file));
        entries.AddRange(file.Entries.Where(e => Refused.Any(r => r.Key == e.Key && Matters(file, e, r.Harmless))));
        return ConfigNode.Mapping(file.Origin, entries);
    }

    private static bool Matters(ConfigNode file, ConfigEntry entry, string[] harmless)
    {
        bool windowUnused = entry.Key == "sliding_window" && file["use_sliding_window"] is { Text: "false" };
        return entry.Value.Kind != ConfigKind.Null && !windowUnused && !harmless.Contains(entry.Value.Text);
    }

    private static IEnumerable<ConfigEntry> Ffn(ConfigNode file)
    {
        ConfigNode? experts = file["num_local_experts"] ?? file["num_experts"];
        if (experts is null)
        {
            return file.Entries.Where(e => e.Key == "intermediate_size");
        }

        (string Key, ConfigNode? Value)[] moe =
        [
            ("experts", experts),
            ("experts_per_token", file["num_experts_per_tok"]),
            ("expert_intermediate_size", file["moe_intermediate_size"] ?? file["intermediate_size"]),
            ("shared_intermediate_size", file["shared_expert_intermediate_size"]),
        ];
        ConfigNode section = ConfigNode.Mapping(
            experts.Origin,
            [.. moe.Where(e => e.Value is not null).Select(e => new ConfigEntry(e.Key, e.Value!.Origin, e.Value))]);
        return [new ConfigEntry("moe", experts.Origin, section)];
    }
}
