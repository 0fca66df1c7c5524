using ServingSim.Engine.Specs;
using ServingSim.Experiments.Scenarios;
using ServingSim.Tests.Engine.Specs;
using Xunit;

namespace ServingSim.Tests.Experiments.Scenarios;

/// <summary>Mixtures of experts by their config.json: facts and parameters are those of the model cards.</summary>
public sealed class HuggingFaceMixtureTests
{
    private const string DeepSeekV3 = """
        "model_type": "deepseek_v3", "hidden_size": 7168, "intermediate_size": 18432, "num_hidden_layers": 61,
        "num_attention_heads": 128, "num_key_value_heads": 128, "vocab_size": 129280, "q_lora_rank": 1536,
        "max_position_embeddings": 163840, "kv_lora_rank": 512, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128,
        "v_head_dim": 128, "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8,
        "moe_intermediate_size": 2048, "first_k_dense_replace": 3, "moe_layer_freq": 1, "num_nextn_predict_layers": 1,
        "torch_dtype": "bfloat16", "quantization_config": { "quant_method": "fp8", "fmt": "e4m3",
          "activation_scheme": "dynamic", "weight_block_size": [128, 128] }
        """;

    private const string KimiK25 = """
        "model_type": "kimi_k25", "text_config": { "model_type": "kimi_k2", "hidden_size": 7168,
          "intermediate_size": 18432, "num_hidden_layers": 61, "num_attention_heads": 64, "num_key_value_heads": 64,
          "vocab_size": 163840, "q_lora_rank": 1536, "max_position_embeddings": 262144, "kv_lora_rank": 512,
          "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128, "n_routed_experts": 384,
          "n_shared_experts": 1, "num_experts_per_tok": 8, "moe_intermediate_size": 2048, "first_k_dense_replace": 1,
          "quantization_config": { "quant_method": "compressed-tensors", "format": "pack-quantized",
            "config_groups": { "group_0": { "targets": ["Linear"], "input_activations": null,
              "weights": { "num_bits": 4, "type": "int", "group_size": 32 } } },
            "ignore": ["lm_head", "re:.*self_attn.*", "re:.*shared_experts.*",
              "re:.*mlp\\.(gate|up|gate_up|down)_proj.*", "re:vision_tower.*", "re:mm_projector.*"] } }
        """;

    private const string MiniMaxM25 = """
        "model_type": "minimax_m2", "hidden_size": 3072, "intermediate_size": 1536, "num_hidden_layers": 62,
        "num_attention_heads": 48, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 200064,
        "max_position_embeddings": 196608, "num_local_experts": 256, "num_experts_per_tok": 8,
        "shared_intermediate_size": 0, "tie_word_embeddings": false, "use_qk_norm": true, "qk_norm_type": "per_layer",
        "quantization_config": { "quant_method": "fp8",
          "modules_to_not_convert": ["gate", "e_score_correction_bias", "lm_head"] }
        """;

    private const string GptOss120B = """
        "model_type": "gpt_oss", "hidden_size": 2880, "intermediate_size": 2880, "num_hidden_layers": 36,
        "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64, "vocab_size": 201088,
        "max_position_embeddings": 131072, "num_local_experts": 128, "num_experts_per_tok": 4,
        "experts_per_token": 4, "sliding_window": 128, "quantization_config": { "quant_method": "mxfp4",
          "modules_to_not_convert": ["model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens",
            "lm_head"] }
        """;

    private const string Llama4Scout = """
        "model_type": "llama4", "text_config": { "model_type": "llama4_text", "hidden_size": 5120,
          "intermediate_size": 8192, "intermediate_size_mlp": 16384, "num_hidden_layers": 48, "head_dim": 128,
          "num_attention_heads": 40, "num_key_value_heads": 8, "vocab_size": 202048, "num_local_experts": 16,
          "num_experts_per_tok": 1, "interleave_moe_layer_step": 1, "max_position_embeddings": 10485760,
          "attention_chunk_size": 8192 }
        """;

    private const string Qwen3 = """
        "model_type": "qwen3_moe", "hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 48,
        "num_attention_heads": 32, "num_key_value_heads": 4, "head_dim": 128, "vocab_size": 151936,
        "max_position_embeddings": 40960, "num_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768,
        "decoder_sparse_step": 1, "mlp_only_layers": [], "sliding_window": null, "use_sliding_window": false
        """;

    [Theory]
    [InlineData(671.03, DeepSeekV3)]
    [InlineData(1026.4, KimiK25)]
    [InlineData(228.69, MiniMaxM25)]
    [InlineData(116.83, GptOss120B)]
    [InlineData(30.53, Qwen3)]
    [InlineData(235.74, """
        "model_type": "deepseek_v2", "hidden_size": 5120, "intermediate_size": 12288, "num_hidden_layers": 60,
        "num_attention_heads": 128, "num_key_value_heads": 128, "vocab_size": 102400, "q_lora_rank": 1536,
        "max_position_embeddings": 163840, "kv_lora_rank": 512, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128,
        "v_head_dim": 128, "n_routed_experts": 160, "n_shared_experts": 2, "num_experts_per_tok": 6,
        "moe_intermediate_size": 1536, "first_k_dense_replace": 1, "moe_layer_freq": 1
        """)]
    [InlineData(15.71, """
        "model_type": "deepseek_v2", "hidden_size": 2048, "intermediate_size": 10944, "num_hidden_layers": 27,
        "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 102400, "q_lora_rank": null,
        "max_position_embeddings": 163840, "kv_lora_rank": 512, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128,
        "v_head_dim": 128, "n_routed_experts": 64, "n_shared_experts": 2, "num_experts_per_tok": 6,
        "moe_intermediate_size": 1408, "first_k_dense_replace": 1, "moe_layer_freq": 1
        """)]
    [InlineData(14.32, """
        "model_type": "qwen2_moe", "hidden_size": 2048, "intermediate_size": 5632, "num_hidden_layers": 24,
        "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 151936, "max_position_embeddings": 8192,
        "num_experts": 60, "num_experts_per_tok": 4, "moe_intermediate_size": 1408, "sliding_window": 32768,
        "shared_expert_intermediate_size": 5632, "decoder_sparse_step": 1, "use_sliding_window": false
        """)]
    [InlineData(46.70, """
        "model_type": "mixtral", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 32000, "max_position_embeddings": 32768,
        "num_local_experts": 8, "num_experts_per_tok": 2, "sliding_window": null
        """)]
    [InlineData(106.85, """
        "model_type": "glm4_moe", "hidden_size": 4096, "intermediate_size": 10944, "num_hidden_layers": 46,
        "num_attention_heads": 96, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151552,
        "max_position_embeddings": 131072, "n_routed_experts": 128, "n_shared_experts": 1, "num_experts_per_tok": 8,
        "moe_intermediate_size": 1408, "first_k_dense_replace": 1
        """)]
    public void A_mixture_has_the_parameters_of_its_card(double billions, string keys) =>
        Assert.Equal(1, HuggingFaceModel.Billions(HuggingFaceModel.Read(keys)) / billions, 0.001);

    [Fact]
    public void A_file_of_Hugging_Face_says_what_our_own_says()
    {
        Assert.Equal(ConfigFile.Model("deepseek-v3"), HuggingFaceModel.Read(DeepSeekV3));
        Assert.Equal(ConfigFile.Model("kimi-k2.5"), HuggingFaceModel.Read(KimiK25));
        Assert.Equal(ConfigFile.Model("minimax-m2.5"), HuggingFaceModel.Read(MiniMaxM25));
        Assert.Equal(ConfigFile.Model("minimax-m2.5-nvfp4"), HuggingFaceModel.Read(MiniMaxM25
            .Replace("\"fp8\"", "\"modelopt\", \"quant_algo\": \"NVFP4\"")
            .Replace("\"gate\", \"e_score_correction_bias\"", "\"*.block_sparse_moe.gate\", \"*self_attn*\"")));
    }

    [Fact]
    public void Only_the_experts_of_gpt_oss_are_in_four_bits_and_every_other_layer_has_a_window()
    {
        ModelSpec model = HuggingFaceModel.Read(GptOss120B);
        Assert.Equal((WeightDtype.Bf16, WeightDtype.Fp4), (model.WeightDtype, model.ExpertDtype));
        Assert.Equal(new SlidingWindow(128, 18), model.SlidingWindow);
    }

    [Fact]
    public void Llama_4_is_read_where_no_context_is_longer_than_a_chunk()
    {
        Assert.Contains(
            "attention_chunk_size: found 8192, expected null or max_position_embeddings of at most as many",
            Assert.Throws<ScenarioException>(() => HuggingFaceModel.Read(Llama4Scout)).Message);
        ModelSpec scout = HuggingFaceModel.Read(Llama4Scout.Replace("10485760", "8192"));
        Assert.Equal(107.77, HuggingFaceModel.Billions(scout), 0.01);
        Assert.Equal(8192, scout.Moe!.SharedIntermediateSize);
        Assert.Contains(
            "interleave_moe_layer_step: found '2', expected 1: only the first layers may be dense",
            Assert.Throws<ScenarioException>(() => HuggingFaceModel.Read(
                Llama4Scout.Replace("\"interleave_moe_layer_step\": 1", "\"interleave_moe_layer_step\": 2"))).Message);
    }

    [Fact]
    public void Dense_layers_that_come_first_can_be_listed()
    {
        ModelSpec model = HuggingFaceModel.Read(Qwen3.Replace("[]", "[0, 1]"));
        Assert.Equal((2, 6144), (model.Moe!.FirstDenseLayers, model.IntermediateSize));
    }

    [Theory]
    [InlineData("[]", "[3]", "mlp_only_layers: found 3, expected none or the first layers, from 0 on")]
    [InlineData("\"decoder_sparse_step\": 1", "\"decoder_sparse_step\": 2", "decoder_sparse_step: found '2', expected")]
    [InlineData("\"decoder_sparse_step\": 1", "\"moe_layer_freq\": 2", "moe_layer_freq: found '2', expected 1: only ")]
    [InlineData("\"decoder_sparse_step\": 1", "\"moe_layers\": [1, 3]", "moe_layers: found 2 layers, expected all 48")]
    [InlineData("\"decoder_sparse_step\": 1", "\"attn_type_list\": [1, 0]", "attn_type_list: found layers of several")]
    [InlineData("\"decoder_sparse_step\": 1", "\"n_shared_experts\": \"x\"", "n_shared_experts: found the quoted text")]
    public void A_mixture_that_cannot_be_said_is_refused_with_its_key(string key, string replaced, string message) =>
        Assert.Contains(message, Assert.Throws<ScenarioException>(
            () => HuggingFaceModel.Read(Qwen3.Replace(key, replaced))).Message);
}
