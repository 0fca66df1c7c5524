using ServingSim.Engine.Specs;
using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;

namespace ServingSim.Tests.Experiments.Scenarios;

/// <summary>Reads a config.json as a scenario would.</summary>
internal static class HuggingFaceModel
{
    /// <summary>Facts of a small dense model.</summary>
    internal const string Dense =
        """
        "hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2,
        "vocab_size": 100, "max_position_embeddings": 8192, "intermediate_size": 256
        """;

    /// <summary>Facts of a small mixture with a dense layer and a shared expert, as DeepSeek writes them.</summary>
    internal const string Mixture = Dense
        + """
        , "model_type": "deepseek_v3", "n_routed_experts": 8, "num_experts_per_tok": 2, "n_shared_experts": 1,
        "moe_intermediate_size": 32, "first_k_dense_replace": 1
        """;

    private sealed record Holder(NamedFile<ModelSpec> Model);

    /// <summary>The model of the keys between a config.json's braces.</summary>
    internal static ModelSpec Read(string keys)
    {
        string folder = Directory.CreateTempSubdirectory("servingsim-").FullName;
        try
        {
            string file = Path.Combine(folder, "config.json");
            File.WriteAllText(file, "{" + keys + "}");
            return ScenarioFile.Parse<Holder>("model: config.json", Path.Combine(folder, "s.yaml"), [], Catalog.Default)
                .Model.Value;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Billions of parameters: two bytes each where all are in bf16.</summary>
    internal static double Billions(ModelSpec model)
    {
        ModelSpec inBf16 = model with
        {
            WeightDtype = WeightDtype.Bf16,
            Moe = model.Moe is null ? null : model.Moe with { WeightDtype = null },
        };
        return new ModelShard(inBf16, new Parallelism()).WeightBytes / 2e9;
    }
}
