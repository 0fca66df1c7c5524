using System.Globalization;

namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// Reads the config.json of a Hugging Face model as a model file. Of a multimodal model it reads the language model
/// only; biases, learned positions and modules that predict further tokens are left out. What changes time or memory
/// and cannot be said by <see cref="Engine.Specs.ModelSpec"/> is refused, as is a model of a family that is not in
/// <see cref="HuggingFaceFamily.All"/>. A file without <c>model_type</c> is none of Hugging Face's and stays as it is.
/// </summary>
internal static class HuggingFaceConfig
{
    private const string ModelType = "model_type";

    /// <summary>Where multimodal models keep the language model.</summary>
    private static readonly string[] TextSections = ["text_config", "language_config", "llm_config"];

    /// <summary>What a multimodal file may say of its language model outside of that section.</summary>
    private static readonly string[] OfWhole = ["quantization_config", "compression_config", "tie_word_embeddings"];

    private static readonly string[] Same =
    [
        "hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "max_position_embeddings",
        "tie_word_embeddings", "gated_ffn",
    ];

    private static readonly string[] Latent =
        ["kv_lora_rank", "qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim", "q_lora_rank"];

    /// <summary>Keys that change time or memory unless they have one of these values.</summary>
    private static readonly (string Key, string Reason, string[] Harmless)[] Refused =
    [
        // vLLM runs a model stored in float32 in 16 bits (vllm/config/model.py, _resolve_auto_dtype)
        ("torch_dtype", "activations are in 16 bits", ["bfloat16", "float16", "float32"]),
        ("dtype", "activations are in 16 bits", ["bfloat16", "float16", "float32"]),
        ("is_encoder_decoder", "only decoders are modelled", ["false"]),
        ("add_cross_attention", "only decoders are modelled", ["false"]),
        ("index_topk", "sparse attention is not modelled", []),
        ("num_kv_shared_layers", "every layer has keys and values of its own", ["0"]),
        ("moe_layer_freq", "only the first layers may be dense", ["1"]),
        ("decoder_sparse_step", "only the first layers may be dense", ["1"]),
        ("interleave_moe_layer_step", "only the first layers may be dense", ["1"]),
    ];

    /// <summary>The file as a model file; null where it cannot be one, with the errors added.</summary>
    internal static ConfigNode? Translate(ConfigNode file, ErrorList errors)
    {
        if (file[ModelType] is null)
        {
            return file;
        }

        int before = errors.Count;
        ConfigNode text = TextSections.Select(s => file[s]).FirstOrDefault(s => s is { Kind: ConfigKind.Mapping })
            is { } section
            ? section.Over(ConfigNode.Mapping(section.Origin, [.. file.Entries.Where(e => OfWhole.Contains(e.Key))]))
            : file;
        string type = text[ModelType]?.Text ?? "";
        if (HuggingFaceFamily.All.FirstOrDefault(f => f.ModelTypes.Contains(type)) is not { } family)
        {
            string known = Names.Known(type, [.. HuggingFaceFamily.All.SelectMany(f => f.ModelTypes)]);
            errors.Add(
                (text[ModelType] ?? text).Origin, ModelType,
                $"found {Names.Quote(type)}, expected a model that can be simulated{known}");
            return null;
        }

        HuggingFaceFile config = HuggingFaceFile.Of(text, family.Defaults, errors);
        HuggingFaceSizes.Check(config);
        CheckRefused(config);
        if (errors.Count > before)
        {
            return null;
        }

        ConfigNode model = ConfigNode.Mapping(file.Origin, [.. Entries(config, family)]);
        return errors.Count == before ? model : null;
    }

    private static IEnumerable<ConfigEntry> Entries(HuggingFaceFile config, HuggingFaceFamily family)
    {
        bool isLatent = config["kv_lora_rank"] is not null;
        bool isMixture = config["num_experts"] is { Text: not "0" };
        int dense = isMixture ? HuggingFaceLayers.FirstDense(config) : 0;
        ConfigEntry? shared = isMixture ? Shared(config) : null;
        var layout = new HuggingFaceModules(
            family, config.Whole("num_hidden_layers") ?? 0, isMixture, dense, shared is not null, isLatent);
        (string? dtype, string? ofExperts) = HuggingFaceQuantization.Dtypes(config, layout);

        ConfigEntry?[] entries =
        [
            .. Same.Select(config.Entry),
            Named("num_key_value_heads", isLatent ? config["num_attention_heads"] : KvHeads(config)),
            isLatent ? Section(config, "mla", Latent.Select(config.Entry)) : config.Entry("head_dim"),
            HuggingFaceLayers.Windows(config) is { } windows
                ? Section(
                    config, "sliding_window",
                    [Named("tokens", config["sliding_window"]), Number(config, "layers", windows)])
                : null,
            !isMixture || dense > 0 ? Ffn(config) : null,
            isMixture
                ? Section(
                    config, "moe",
                    [
                        Named("experts", config["num_experts"]),
                        Named("experts_per_token", config["num_experts_per_tok"]),
                        Named("expert_intermediate_size", ExpertWidth(config)),
                        shared,
                        Number(config, "first_dense_layers", dense),
                        Text(config, "weight_dtype", ofExperts),
                    ])
                : null,
            Text(config, "weight_dtype", dtype),
            config["qk_norm_type"]?.Text == "per_layer" ? Text(config, "qk_norm_across_heads", "true") : null,
        ];
        return entries.OfType<ConfigEntry>();
    }

    private static void CheckRefused(HuggingFaceFile config)
    {
        foreach ((string key, string reason, string[] harmless) in Refused)
        {
            config.RefuseUnless(key, reason, harmless);
        }

        config.RefuseUnless(
            "word_embed_proj_dim", "embeddings are as wide as the layers", config["hidden_size"]?.Text ?? "");
        if (config.Texts("attn_type_list")?.All(t => t == "1") == false)
        {
            config.Refuse("attn_type_list", "found layers of several kinds, expected 1 for all: linear attention is "
                + "not modelled");
        }

        // A chunk that holds the longest context is attention to everything
        if (config.Whole("attention_chunk_size") is { } chunk
            && (config.Whole("max_position_embeddings") ?? int.MaxValue) > chunk)
        {
            config.Refuse("attention_chunk_size", $"found {chunk}, expected null or max_position_embeddings of at "
                + "most as many: attention within chunks is not modelled");
        }
    }

    /// <summary>
    /// Without grouped-query attention, each query head has keys and values of its own; Falcon has one for all where
    /// it is <c>multi_query</c> and not of the new architecture, whatever else its file says.
    /// </summary>
    private static ConfigNode? KvHeads(HuggingFaceFile config) =>
        config.Is("multi_query", "true") && !config.Is("new_decoder_architecture", "true")
            ? ConfigNode.Scalar(config.Origin, "1", isQuoted: false)
            : config["num_key_value_heads"] ?? config["num_attention_heads"];

    /// <summary>The dense FFN; two matrices are four times as wide as the model where a file is silent.</summary>
    private static ConfigEntry? Ffn(HuggingFaceFile config) => config.Entry("intermediate_size")
        ?? (config.Is("gated_ffn", "false") && config.Whole("hidden_size") is { } hidden
            ? Number(config, "intermediate_size", 4L * hidden)
            : null);

    private static ConfigNode? ExpertWidth(HuggingFaceFile config) =>
        config["moe_intermediate_size"] ?? config["intermediate_size"];

    /// <summary>The width of the experts that every token visits; null where there are none.</summary>
    private static ConfigEntry? Shared(HuggingFaceFile config)
    {
        const string Key = "shared_intermediate_size";
        if ((config["shared_expert_intermediate_size"] ?? config[Key]) is { } width)
        {
            return width.Text == "0" ? null : Named(Key, width);
        }

        string ofOne = config["moe_intermediate_size"] is null ? "intermediate_size" : "moe_intermediate_size";
        return config.Whole("n_shared_experts") is > 0 and { } count
            ? Number(config, Key, count * (long)(config.Whole(ofOne) ?? 0))
            : null;
    }

    private static ConfigEntry? Named(string key, ConfigNode? value) =>
        value is null ? null : new ConfigEntry(key, value.Origin, value);

    private static ConfigEntry Number(HuggingFaceFile config, string key, long value) =>
        Text(config, key, value.ToString(CultureInfo.InvariantCulture))!;

    private static ConfigEntry? Text(HuggingFaceFile config, string key, string? value) =>
        value is null ? null : Named(key, ConfigNode.Scalar(config.Origin, value, isQuoted: false));

    private static ConfigEntry Section(HuggingFaceFile config, string key, IEnumerable<ConfigEntry?> entries) =>
        new(key, config.Origin, ConfigNode.Mapping(config.Origin, [.. entries.OfType<ConfigEntry>()]));
}
