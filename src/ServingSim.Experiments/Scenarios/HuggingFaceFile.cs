namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// A config.json, or a section of one, with one name for each value: the first of several that transformers uses.
/// </summary>
internal sealed class HuggingFaceFile(ConfigNode node, ErrorList errors, string path = "")
{
    /// <summary>The names in the file of keys that are called otherwise here.</summary>
    private readonly Dictionary<string, string> _written = [];

    /// <summary>Names that mean the same, the one used here first.</summary>
    private static readonly string[][] Synonyms =
    [
        ["hidden_size", "n_embd", "n_embed"],
        ["num_hidden_layers", "n_layer"],
        ["num_attention_heads", "n_head"],
        ["num_key_value_heads", "num_kv_heads"],
        ["max_position_embeddings", "n_positions", "seq_length"],
        ["intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size"],
        ["num_experts", "n_routed_experts", "num_local_experts"],
        ["num_experts_per_tok", "experts_per_token"],
        ["n_shared_experts", "num_shared_experts"],
        ["sliding_window_pattern", "_sliding_window_pattern"],
        ["quantization_config", "compression_config"],
    ];

    /// <summary>Where it was written.</summary>
    internal ConfigOrigin Origin => node.Origin;

    /// <summary>The value of a key; null where there is none or it is null.</summary>
    internal ConfigNode? this[string key] => Entry(key)?.Value;

    /// <summary>The file with synonyms replaced, laid over the values that it may leave out.</summary>
    internal static HuggingFaceFile Of(ConfigNode file, string defaults, ErrorList errors)
    {
        IEnumerable<ConfigEntry> renamed = file.Entries
            .Select(e => e with { Key = Array.Find(Synonyms, s => s.Contains(e.Key))?[0] ?? e.Key })
            .GroupBy(e => e.Key)
            .Select(same => same.FirstOrDefault(e => e.Value.Kind != ConfigKind.Null) ?? same.First());
        ConfigNode silent = YamlReader.Read(defaults, file.Origin with { Line = 0 }, errors)!;
        var config = new HuggingFaceFile(ConfigNode.Mapping(file.Origin, [.. renamed]).Over(silent), errors);
        foreach (string[] same in Synonyms)
        {
            string? written = same.FirstOrDefault(name => file[name] is { Kind: not ConfigKind.Null });
            config._written[same[0]] = written ?? same[0];
        }

        return config;
    }

    /// <summary>The entry of a key; null where there is none or its value is null.</summary>
    internal ConfigEntry? Entry(string key) =>
        node.Entries.FirstOrDefault(e => e.Key == key && e.Value.Kind != ConfigKind.Null);

    internal bool Is(string key, string text) => this[key]?.Text == text;

    /// <summary>A whole number of a least size; null where there is none, or where it was refused.</summary>
    internal int? Whole(string key, int least = 0)
    {
        if (this[key] is not { } value)
        {
            return null;
        }

        if (!value.IsQuoted && ScalarText.TryWhole(value.Text, out long whole)
            && whole >= least && whole <= int.MaxValue)
        {
            return (int)whole;
        }

        Refuse(key, $"found {value.Found()}, expected a whole number of {least} or more");
        return null;
    }

    /// <summary>The items of a list; null where there is none, or where it was refused.</summary>
    internal IReadOnlyList<string>? Texts(string key)
    {
        if (this[key] is not { } value)
        {
            return null;
        }

        if (value.Kind == ConfigKind.List && value.Items.All(i => i.Kind == ConfigKind.Scalar))
        {
            return [.. value.Items.Select(i => i.Text)];
        }

        Refuse(key, $"found {value.Found()}, expected a list of names or numbers");
        return null;
    }

    /// <summary>Refuses a key unless it is absent, null, or one of some texts.</summary>
    internal void RefuseUnless(string key, string reason, params string[] texts)
    {
        if (this[key] is { } value && (value.Kind != ConfigKind.Scalar || !texts.Contains(value.Text)))
        {
            string expected = texts.Length == 0 ? "null" : string.Join(" or ", texts);
            string found = value.Kind == ConfigKind.Scalar ? Names.Quote(value.Text) : value.Found();
            Refuse(key, $"found {found}, expected {expected}: {reason}");
        }
    }

    /// <summary>Refuses the file because of a key.</summary>
    internal void Refuse(string key, string problem) =>
        errors.Add(
        Entry(key)?.Origin ?? node.Origin, path + _written.GetValueOrDefault(key, key), problem);

    /// <summary>A mapping within; null where there is none, or where it was refused.</summary>
    internal HuggingFaceFile? Section(string key)
    {
        if (this[key] is not { } section)
        {
            return null;
        }

        if (section.Kind == ConfigKind.Mapping)
        {
            return new HuggingFaceFile(section, errors, $"{path}{key}.");
        }

        Refuse(key, $"found {section.Found()}, expected a mapping");
        return null;
    }

    /// <summary>The mappings within, by their keys.</summary>
    internal IEnumerable<HuggingFaceFile> Sections() =>
        node.Entries.Select(e => Section(e.Key)).OfType<HuggingFaceFile>();
}
