using ServingSim.Engine.Specs;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Scenarios;

/// <summary>Dense models by their config.json: facts and parameters are those of the model cards.</summary>
public sealed class HuggingFaceConfigTests
{
    // Parameters without biases and learned positions, which are less than a hundredth
    [Theory]
    [InlineData("llama", 8.03, """
        "hidden_size": 4096, "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32,
        "num_key_value_heads": 8, "vocab_size": 128256, "max_position_embeddings": 131072, "torch_dtype": "bfloat16"
        """)]
    [InlineData("mistral", 7.24, """
        "hidden_size": 4096, "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32,
        "num_key_value_heads": 8, "vocab_size": 32000, "max_position_embeddings": 32768, "sliding_window": 4096
        """)]
    [InlineData("qwen2", 7.62, """
        "hidden_size": 3584, "intermediate_size": 18944, "num_attention_heads": 28, "num_hidden_layers": 28,
        "num_key_value_heads": 4, "vocab_size": 152064, "max_position_embeddings": 32768, "sliding_window": 131072,
        "max_window_layers": 28, "use_sliding_window": false, "tie_word_embeddings": false
        """)]
    [InlineData("qwen3", 32.76, """
        "hidden_size": 5120, "intermediate_size": 25600, "num_attention_heads": 64, "num_hidden_layers": 64,
        "num_key_value_heads": 8, "vocab_size": 151936, "max_position_embeddings": 40960, "head_dim": 128
        """)]
    [InlineData("phi3", 3.82, """
        "hidden_size": 3072, "intermediate_size": 8192, "num_attention_heads": 32, "num_hidden_layers": 32,
        "num_key_value_heads": 32, "vocab_size": 32064, "max_position_embeddings": 4096, "sliding_window": 2047
        """)]
    [InlineData("gemma", 8.54, """
        "hidden_size": 3072, "intermediate_size": 24576, "num_attention_heads": 16, "num_hidden_layers": 28,
        "num_key_value_heads": 16, "vocab_size": 256000, "max_position_embeddings": 8192, "head_dim": 256,
        "hidden_act": "gelu"
        """)]
    [InlineData("gemma2", 9.24, """
        "hidden_size": 3584, "intermediate_size": 14336, "num_attention_heads": 16, "num_hidden_layers": 42,
        "num_key_value_heads": 8, "vocab_size": 256000, "max_position_embeddings": 8192, "head_dim": 256
        """)]
    [InlineData("gemma3_text", 1.00, """
        "hidden_size": 1152, "intermediate_size": 6912, "num_attention_heads": 4, "num_hidden_layers": 26,
        "num_key_value_heads": 1, "vocab_size": 262144, "max_position_embeddings": 32768, "head_dim": 256,
        "sliding_window": 512, "sliding_window_pattern": 6
        """)]
    [InlineData("glm4", 9.40, """
        "hidden_size": 4096, "intermediate_size": 13696, "num_attention_heads": 32, "num_hidden_layers": 40,
        "num_key_value_heads": 2, "vocab_size": 151552, "max_position_embeddings": 32768, "head_dim": 128
        """)]
    [InlineData("cohere2", 8.03, """
        "hidden_size": 4096, "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32,
        "num_key_value_heads": 8, "vocab_size": 256000, "max_position_embeddings": 8192
        """)]
    [InlineData("opt", 6.66, """
        "hidden_size": 4096, "ffn_dim": 16384, "num_attention_heads": 32, "num_hidden_layers": 32,
        "vocab_size": 50272, "max_position_embeddings": 2048, "word_embed_proj_dim": 4096, "torch_dtype": "float16"
        """)]
    [InlineData("gpt2", 1.558, """
        "n_embd": 1600, "n_layer": 48, "n_head": 25, "n_positions": 1024, "n_ctx": 1024, "vocab_size": 50257
        """)]
    [InlineData("gpt_bigcode", 15.52, """
        "n_embd": 6144, "n_layer": 40, "n_head": 48, "n_positions": 8192, "n_inner": 24576, "vocab_size": 49152,
        "multi_query": true
        """)]
    [InlineData("gptj", 6.05, """
        "n_embd": 4096, "n_layer": 28, "n_head": 16, "n_positions": 2048, "n_inner": null, "vocab_size": 50400
        """)]
    [InlineData("gpt_neox", 20.55, """
        "hidden_size": 6144, "intermediate_size": 24576, "num_attention_heads": 64, "num_hidden_layers": 44,
        "vocab_size": 50432, "max_position_embeddings": 2048
        """)]
    [InlineData("phi", 2.78, """
        "hidden_size": 2560, "intermediate_size": 10240, "num_attention_heads": 32, "num_hidden_layers": 32,
        "num_key_value_heads": null, "vocab_size": 51200, "max_position_embeddings": 2048
        """)]
    [InlineData("bloom", 7.07, """
        "n_embed": 4096, "n_layer": 30, "num_attention_heads": 32, "seq_length": 2048, "vocab_size": 250880
        """)]
    [InlineData("falcon", 6.92, """
        "hidden_size": 4544, "num_attention_heads": 71, "num_hidden_layers": 32, "vocab_size": 65024,
        "multi_query": true, "new_decoder_architecture": false, "num_kv_heads": 71
        """)]
    [InlineData("falcon", 41.30, """
        "hidden_size": 8192, "num_attention_heads": 128, "num_hidden_layers": 60, "vocab_size": 65024,
        "multi_query": true, "new_decoder_architecture": true, "num_kv_heads": 8
        """)]
    [InlineData("starcoder2", 7.17, """
        "hidden_size": 4608, "intermediate_size": 18432, "num_attention_heads": 36, "num_hidden_layers": 32,
        "num_key_value_heads": 4, "vocab_size": 49152, "max_position_embeddings": 16384, "sliding_window": 4096
        """)]
    public void A_dense_model_has_the_parameters_of_its_card(string type, double billions, string keys) =>
        Assert.Equal(
            1,
            HuggingFaceModel.Billions(HuggingFaceModel.Read($"\"model_type\": \"{type}\", {keys}")) / billions,
            0.01);

    [Fact]
    public void A_multimodal_file_is_read_for_its_language_model()
    {
        ModelSpec gemma = HuggingFaceModel.Read("""
            "model_type": "gemma3", "vision_config": { "hidden_size": 1152 },
            "text_config": { "model_type": "gemma3_text", "hidden_size": 2560, "intermediate_size": 10240,
              "num_hidden_layers": 34, "sliding_window": 1024 }
            """);
        Assert.Equal(3.88, HuggingFaceModel.Billions(gemma), 0.01);
        Assert.Equal(new SlidingWindow(1024, 29), gemma.SlidingWindow);
        Assert.Equal((256, 131072), (gemma.HeadSize, gemma.MaxPositionEmbeddings));
    }

    [Fact]
    public void What_a_multimodal_file_says_of_the_whole_holds_for_its_language_model()
    {
        ModelSpec model = HuggingFaceModel.Read($$"""
            "model_type": "mistral3", "tie_word_embeddings": true, "quantization_config": { "quant_method": "fp8" },
            "text_config": { "model_type": "mistral", "sliding_window": null, {{HuggingFaceModel.Dense}} }
            """);
        Assert.Equal((true, WeightDtype.Fp8, null), (model.TieWordEmbeddings, model.WeightDtype, model.SlidingWindow));
    }

    [Theory]
    [InlineData("mistral", """ "sliding_window": 1024 """, 4)]
    [InlineData("mistral", """ "sliding_window": null """, 0)]
    [InlineData("starcoder2", """ "sliding_window": 1024 """, 4)]
    [InlineData("qwen2", """ "sliding_window": 1024, "max_window_layers": 3 """, 0)]
    [InlineData("qwen2", """ "sliding_window": 1024, "max_window_layers": 3, "use_sliding_window": true """, 1)]
    [InlineData("qwen2", """ "sliding_window": 1024, "max_window_layers": 9, "use_sliding_window": true """, 0)]
    [InlineData("gemma2", """ "sliding_window": 1024 """, 2)]
    [InlineData("gemma3_text", """ "sliding_window": 1024, "_sliding_window_pattern": 2 """, 2)]
    [InlineData("cohere2", """ "sliding_window": 1024 """, 3)]
    [InlineData("gemma2", """
        "sliding_window": 1024, "layer_types": ["sliding_attention", "full_attention", "full_attention",
          "full_attention"]
        """, 1)]
    [InlineData("llama", """
        "layer_types": ["full_attention", "full_attention", "full_attention", "full_attention"]
        """, 0)]
    public void Windows_are_counted_as_the_family_places_them(string type, string keys, int layers)
    {
        ModelSpec model = HuggingFaceModel.Read($"\"model_type\": \"{type}\", {keys}, {HuggingFaceModel.Dense}");
        Assert.Equal(layers == 0 ? null : new SlidingWindow(1024, layers), model.SlidingWindow);
    }

    [Theory]
    [InlineData("gemma2", true, true)]
    [InlineData("llama", false, true)]
    [InlineData("opt", true, false)]
    [InlineData("gpt_neox", false, false)]
    public void What_a_file_leaves_out_is_what_the_family_assumes(string type, bool isTied, bool isGated)
    {
        ModelSpec model = HuggingFaceModel.Read($"\"model_type\": \"{type}\", {HuggingFaceModel.Dense}");
        Assert.Equal((isTied, isGated), (model.TieWordEmbeddings, model.GatedFfn));
    }

    [Theory]
    [InlineData("falcon", "\"num_kv_heads\": 2", 1)]
    [InlineData("falcon", "\"new_decoder_architecture\": true", 2)]
    [InlineData("falcon", "\"multi_query\": false", 2)]
    [InlineData("opt", "\"num_key_value_heads\": null", 4)]
    public void Heads_of_keys_and_values_follow_the_family(string type, string keys, int heads)
    {
        string dense = keys.Contains("kv_heads") || keys.Contains("value_heads")
            ? HuggingFaceModel.Dense.Replace("\"num_key_value_heads\": 2,", "")
            : HuggingFaceModel.Dense;
        Assert.Equal(heads, HuggingFaceModel.Read($"\"model_type\": \"{type}\", {keys}, {dense}").NumKeyValueHeads);
    }

    [Theory]
    [InlineData("mamba", "", "model_type: found 'mamba', expected a model that can be simulated; known: llama, phi3, ")]
    [InlineData("lama", "", "(did you mean 'llama'?)")]
    [InlineData("llama", "\"torch_dtype\": \"float64\"", "torch_dtype: found 'float64', expected bfloat16 or float16 ")]
    [InlineData("llama", "\"is_encoder_decoder\": true", "is_encoder_decoder: found 'true', expected false: only dec")]
    [InlineData("llama", "\"index_topk\": 2048", "index_topk: found '2048', expected null: sparse attention is not")]
    [InlineData("llama", "\"num_kv_shared_layers\": 2", "num_kv_shared_layers: found '2', expected 0: every layer has")]
    [InlineData("opt", "\"word_embed_proj_dim\": 32", "word_embed_proj_dim: found '32', expected 64: embeddings are")]
    [InlineData("llama", "\"layer_types\": [\"linear_attention\"]", "layer_types: found 'linear_attention', expected ")]
    [InlineData("llama", "\"layer_types\": [\"full_attention\"]", "layer_types: found 1 layers, expected num_hidden_l")]
    [InlineData("llama", "\"layer_types\": 3", "layer_types: found '3', expected a list of names or numbers")]
    [InlineData("qwen2", "\"sliding_window\": 9, \"layer_types\": [\"sliding_attention\", \"full_attention\", "
        + "\"full_attention\", \"full_attention\"]", "found sliding_attention, expected a sliding_window that is used")]
    [InlineData("gemma2", "\"sliding_window_pattern\": \"LLG\"", "sliding_window_pattern: found the quoted text 'LLG'")]
    public void What_cannot_be_simulated_is_refused_with_its_key(string type, string keys, string message)
    {
        string extra = keys.Length == 0 ? "" : keys + ",\n";
        ScenarioException error = Assert.Throws<ScenarioException>(
            () => HuggingFaceModel.Read($"\"model_type\": \"{type}\",\n{extra}{HuggingFaceModel.Dense}"));
        Assert.Contains(message, error.Message);
        Assert.Contains($"config.json:{(extra.Length == 0 ? 1 : 2)}: ", error.Message);
    }

    [Fact]
    public void All_numbers_that_no_model_has_are_told_at_once_by_the_keys_of_the_file()
    {
        ScenarioException error = Assert.Throws<ScenarioException>(() => HuggingFaceModel.Read(
            """
            "model_type": "mixtral",
            "n_embd": 0,
            "num_hidden_layers": -3,
            "n_head": 32.5,
            "num_key_value_heads": "8",
            "max_position_embeddings": 1e3,
            "intermediate_size": [1],
            "head_dim": 99999999999,
            "num_local_experts": 4,
            "num_experts_per_tok": 8,
            "first_k_dense_replace": -1,
            "torch_dtype": "float64"
            """));
        Assert.Equal(
            [
                "config.json:1: vocab_size: missing, expected a whole number",
                "config.json:2: n_embd: found '0', expected a whole number of 1 or more",
                "config.json:3: num_hidden_layers: found '-3', expected a whole number of 1 or more",
                "config.json:4: n_head: found '32.5', expected a whole number of 1 or more",
                "config.json:5: num_key_value_heads: found the quoted text '8', expected a whole number of 1 or more",
                "config.json:6: max_position_embeddings: found '1e3', expected a whole number of 1 or more",
                "config.json:7: intermediate_size: found a list, expected a whole number of 1 or more",
                "config.json:8: head_dim: found '99999999999', expected a whole number of 1 or more",
                "config.json:10: num_experts_per_tok: found 8, expected at most the experts (4)",
                "config.json:11: first_k_dense_replace: found '-1', expected a whole number of 0 or more",
                "config.json:12: torch_dtype: found 'float64', expected bfloat16 or float16 or float32: activations "
                    + "are in 16 bits",
            ],
            error.Errors.Select(e => Path.GetFileName(e.ToString())));
    }

    [Theory]
    [InlineData("\"num_attention_heads\": 4", "\"num_attention_heads\": 5", "num_attention_heads: found 5, expected a")]
    [InlineData("\"num_attention_heads\": 4", "\"num_attention_heads\": 6", "hidden_size: found 64, expected a multip")]
    [InlineData("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 0", "num_key_value_heads: found '0', expected")]
    [InlineData("\"first_k_dense_replace\": 1", "\"first_k_dense_replace\": 4", "first_k_dense_replace: found 4, expe")]
    [InlineData("\"num_experts_per_tok\": 2", "\"num_experts_per_tok\": 9", "num_experts_per_tok: found 9, expected a")]
    [InlineData("\"num_experts_per_tok\": 2,", "", "num_experts_per_tok: missing, expected a whole number")]
    [InlineData("\"n_shared_experts\": 1", "\"n_shared_experts\": -1", "n_shared_experts: found '-1', expected a whol")]
    [InlineData("\"moe_intermediate_size\": 32", "\"moe_intermediate_size\": 0", "moe_intermediate_size: found '0', e")]
    public void Numbers_that_do_not_go_together_are_told(string right, string wrong, string message)
    {
        Assert.Contains(right, HuggingFaceModel.Mixture);
        ScenarioException error = Assert.Throws<ScenarioException>(
            () => HuggingFaceModel.Read(HuggingFaceModel.Mixture.Replace(right, wrong)));
        Assert.Contains(message, error.Message);
    }
}
