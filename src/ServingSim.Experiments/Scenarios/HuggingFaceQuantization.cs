namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// How a Hugging Face model's matrices are stored, by its <c>quantization_config</c>: each matrix of each layer is
/// looked up, and a mixture of dtypes that <see cref="Engine.Specs.ModelSpec"/> cannot say is refused. MXFP4 counts as
/// fp4, though it has a scale for 32 weights rather than 16.
/// </summary>
internal static class HuggingFaceQuantization
{
    private const string Key = "quantization_config";
    private const string MethodKey = "quant_method";
    private const string Unquantized = "bf16";
    private const int MaxLayers = 10_000;

    /// <summary>What other names the methods have for modules that are not quantized.</summary>
    private static readonly string[] IgnoreKeys =
        ["ignore", "ignored_layers", "modules_to_not_convert", "exclude_modules"];

    private static readonly OrderedDictionary<string, Func<HuggingFaceFile, IEnumerable<Scheme>>> Methods = new()
    {
        ["fp8"] = _ => [new Scheme("fp8")],
        ["fbgemm_fp8"] = _ => [new Scheme("fp8")],
        ["awq"] = FourBits,
        ["gptq"] = FourBits,
        ["compressed-tensors"] = Groups,
        ["modelopt"] = ByAlgorithm,
        ["modelopt_fp4"] = ByAlgorithm,

        // vLLM quantizes experts only (vllm/model_executor/layers/quantization/mxfp4.py, get_quant_method)
        ["mxfp4"] = _ => [new Scheme("fp4", "experts")],
    };

    /// <param name="Dtype">How matrices are stored.</param>
    /// <param name="Target">Which; null for all.</param>
    private readonly record struct Scheme(string Dtype, string? Target = null);

    /// <summary>
    /// The dtype of the layers' matrices, and that of routed experts where it differs; null where all are unquantized.
    /// </summary>
    internal static (string? Dtype, string? OfExperts) Dtypes(HuggingFaceFile config, HuggingFaceModules modules)
    {
        if (config.Section(Key) is not { } section)
        {
            return default;
        }

        if (modules.Layers > MaxLayers)
        {
            config.Refuse("num_hidden_layers", $"found {modules.Layers}, expected at most {MaxLayers}");
            return default;
        }

        string method = section[MethodKey]?.Text ?? "";
        if (!Methods.TryGetValue(method, out Func<HuggingFaceFile, IEnumerable<Scheme>>? read))
        {
            string found = $"found {Names.Quote(method)}, expected a method that can be simulated";
            section.Refuse(MethodKey, found + Names.Known(method, [.. Methods.Keys]));
            return default;
        }

        section.RefuseUnless("kv_cache_scheme", "the KV cache's dtype is the engine's kv_cache_dtype");
        section.Section("sparsity_config")?.RefuseUnless("format", "sparse weights are not modelled", "dense");
        var schemes = read(section).Select(s => (s.Dtype, Targets: Pattern(section, s.Target))).ToList();
        List<HuggingFacePattern> ignored = Ignored(section, modules);
        return Combine(config, modules, module => ignored.Exists(p => p.Matches(module))
            ? Unquantized
            : schemes.Find(s => s.Targets?.Matches(module) ?? true).Dtype ?? Unquantized);
    }

    private static (string? Dtype, string? OfExperts) Combine(
        HuggingFaceFile config, HuggingFaceModules modules, Func<string, string> dtypeOf)
    {
        var found = modules.Kinds()
            .Select(k => (k.Kind, Dtypes: k.Names.Select(dtypeOf).Distinct().ToList()))
            .Where(k => k.Dtypes.Count > 0)
            .ToList();
        string[] others = [.. found.Where(k => k.Kind != HuggingFaceModules.Experts).SelectMany(k => k.Dtypes)];
        string[] experts = [.. found.Where(k => k.Kind == HuggingFaceModules.Experts).SelectMany(k => k.Dtypes)];
        if (others.Distinct().Count() > 1 || experts.Length > 1)
        {
            string all = string.Join(", ", found.Select(k => $"{k.Kind} in {string.Join(" and ", k.Dtypes)}"));
            config.Refuse(Key, $"found {all}, expected one dtype for routed experts and one for all else in layers");
        }

        string? dtype = others.FirstOrDefault();
        string? ofExperts = experts.FirstOrDefault();
        return (dtype, ofExperts == dtype ? null : ofExperts);
    }

    /// <summary>The patterns of modules that stay unquantized though the spec could have them otherwise.</summary>
    private static List<HuggingFacePattern> Ignored(HuggingFaceFile section, HuggingFaceModules modules)
    {
        string[] names = [.. modules.Kinds().SelectMany(k => k.Names)];
        List<HuggingFacePattern> ignored = [];
        foreach (string key in IgnoreKeys)
        {
            foreach (string text in section.Texts(key) ?? [])
            {
                if (HuggingFacePattern.Of(text) is not { } pattern)
                {
                    section.Refuse(key, $"found {Names.Quote(text)}, expected a regular expression after re:");
                }
                else if (Array.Exists(names, pattern.Matches))
                {
                    ignored.Add(pattern);
                }
                else if (!pattern.IsOutside(modules.Layers))
                {
                    section.Refuse(key, $"found {Names.Quote(text)}, expected a module in or outside of the layers");
                }
            }
        }

        return ignored;
    }

    private static HuggingFacePattern? Pattern(HuggingFaceFile section, string? target)
    {
        HuggingFacePattern? pattern = target is null ? null : HuggingFacePattern.Of(target);
        if (target is not null && pattern is null)
        {
            section.Refuse("config_groups", $"found {Names.Quote(target)}, expected a regular expression after re:");
        }

        return pattern;
    }

    private static IEnumerable<Scheme> FourBits(HuggingFaceFile section)
    {
        section.RefuseUnless("bits", "weights of other widths are not modelled", "4");
        section.RefuseUnless("w_bit", "weights of other widths are not modelled", "4");
        section.RefuseUnless("modules_in_block_to_quantize", "only exceptions are modelled");
        if (section.Section("dynamic")?.Sections().Any() == true)
        {
            section.Refuse("dynamic", "found a mapping, expected none: bits that differ by module are not modelled");
        }

        return [new Scheme(IntegersOf(section))];
    }

    private static IEnumerable<Scheme> ByAlgorithm(HuggingFaceFile section)
    {
        const string Algorithm = "quant_algo";
        string algorithm = section[Algorithm]?.Text ?? "";
        if (algorithm is not ("NVFP4" or "FP8"))
        {
            string found = $"found {Names.Quote(algorithm)}, expected an algorithm that can be simulated";
            section.Refuse(Algorithm, found + Names.Known(algorithm, ["NVFP4", "FP8"]));
        }

        return [new Scheme(algorithm == "FP8" ? "fp8" : "fp4")];
    }

    private static string IntegersOf(HuggingFaceFile section) =>
        section["group_size"]?.Text == "32" ? "int4-g32" : "int4";

    private static List<Scheme> Groups(HuggingFaceFile section)
    {
        List<Scheme> schemes = [];
        foreach (HuggingFaceFile group in section.Section("config_groups")?.Sections() ?? [])
        {
            HuggingFaceFile? weights = group.Section("weights");
            HuggingFaceFile? activations = group.Section("input_activations");
            var found = (weights?["num_bits"]?.Text, weights?["type"]?.Text, activations?["num_bits"]?.Text);
            string? dtype = found switch
            {
                ("4", "int", null) => IntegersOf(weights!),
                ("8", "float", "8") => "fp8",
                ("4", "float", "4") => "fp4",
                _ => null,
            };
            if (dtype is null)
            {
                (string? bits, string? type, string? ofActivations) = found;
                group.Refuse("weights", $"found {type} weights of {bits} bits with activations of "
                    + $"{ofActivations ?? "16"}, expected int of 4 with 16, float of 8 with 8, or float of 4 with 4");
                continue;
            }

            schemes.AddRange((group.Texts("targets") ?? ["Linear"])
                .Select(target => new Scheme(dtype, target == "Linear" ? null : target)));
        }

        if (schemes.Count == 0 && section["config_groups"] is null)
        {
            section.Refuse("config_groups", "missing, expected what is quantized and how");
        }

        return schemes;
    }
}
