namespace ServingSim.Experiments.Scenarios;

/// <summary>Which layers of a Hugging Face model differ from the others.</summary>
internal static class HuggingFaceLayers
{
    /// <summary>How many of a mixture's first layers have a dense FFN.</summary>
    internal static int FirstDense(HuggingFaceFile config)
    {
        IReadOnlyList<string> dense = config.Texts("mlp_only_layers") ?? [];
        if (dense.Where((layer, i) => layer != $"{i}").Any())
        {
            config.Refuse("mlp_only_layers", $"found {string.Join(", ", dense)}, expected none or the first layers, "
                + "from 0 on: only those may be dense");
        }

        int layers = config.Whole("num_hidden_layers") ?? 0;
        if (config.Texts("moe_layers") is { } mixtures && mixtures.Count != layers)
        {
            config.Refuse("moe_layers", $"found {mixtures.Count} layers, expected all {layers}: "
                + "only the first layers may be dense, as first_k_dense_replace says");
        }

        return config.Whole("first_k_dense_replace") ?? dense.Count;
    }

    /// <summary>How many layers attend to the latest tokens only; null where none does.</summary>
    internal static int? Windows(HuggingFaceFile config)
    {
        IReadOnlyList<string>? types = config.Texts("layer_types");
        int layers = config.Whole("num_hidden_layers") ?? 0;
        if (types?.FirstOrDefault(t => t is not ("full_attention" or "sliding_attention")) is { } other)
        {
            config.Refuse("layer_types", $"found {Names.Quote(other)}, expected full_attention or sliding_attention");
            return null;
        }

        if (types is not null && types.Count != layers)
        {
            config.Refuse("layer_types", $"found {types.Count} layers, expected num_hidden_layers ({layers})");
            return null;
        }

        bool isUsed = config["sliding_window"] is not null && !config.Is("use_sliding_window", "false");
        int sliding = types?.Count(t => t == "sliding_attention") ?? (isUsed ? Sliding(config, layers) : 0);
        if (sliding > 0 && !isUsed)
        {
            config.Refuse("layer_types", "found sliding_attention, expected a sliding_window that is used");
        }

        return sliding > 0 ? sliding : null;
    }

    /// <summary>
    /// As transformers fills in <c>layer_types</c>: in a pattern of n, each n-th layer attends to everything; with
    /// <c>max_window_layers</c>, the first ones do; otherwise none does.
    /// </summary>
    private static int Sliding(HuggingFaceFile config, int layers)
    {
        if (config.Whole("sliding_window_pattern") is { } pattern)
        {
            return layers - (layers / Math.Max(pattern, 1));
        }

        return config["use_sliding_window"] is not null && config.Whole("max_window_layers") is { } full
            ? layers - Math.Min(full, layers)
            : layers;
    }
}
