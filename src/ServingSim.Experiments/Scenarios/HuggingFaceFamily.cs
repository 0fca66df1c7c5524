namespace ServingSim.Experiments.Scenarios;

/// <summary>
/// Models whose config.json is read alike. What transformers' configuration classes assume where a file is silent
/// stands here, as do the names of the modules that a quantization may leave out.
/// </summary>
/// <param name="ModelTypes">What <c>model_type</c> says.</param>
/// <param name="Defaults">Values of keys that a file may leave out, in YAML; <c>gated_ffn</c> is in none.</param>
/// <param name="Ffn">The module that holds a layer's FFN or experts.</param>
/// <param name="Shared">The module in it that holds the experts that every token visits.</param>
/// <param name="Matrices">The matrices of one FFN.</param>
internal sealed record HuggingFaceFamily(
    IReadOnlyList<string> ModelTypes,
    string Defaults = "{}",
    string Ffn = "mlp",
    string Shared = "shared_experts",
    string Matrices = "gate_proj up_proj down_proj")
{
    internal static readonly IReadOnlyList<HuggingFaceFamily> All =
    [
        new(["llama", "phi3", "granite", "olmo2", "stablelm"]),
        new(["mistral"], "{ sliding_window: 4096 }"),
        new(["glm", "glm4"], "{ head_dim: 128 }"),
        new(["qwen2"], "{ use_sliding_window: false, max_window_layers: 28 }"),
        new(
            ["qwen2_vl", "qwen2_vl_text", "qwen2_5_vl", "qwen2_5_vl_text"],
            "{ use_sliding_window: false, max_window_layers: 80 }"),
        new(["qwen3", "qwen3_vl_text"], "{ head_dim: 128, use_sliding_window: false, max_window_layers: 28 }"),
        new(["gemma"], "{ head_dim: 256, tie_word_embeddings: true }"),
        new(
            ["gemma2"],
            "{ head_dim: 256, tie_word_embeddings: true, sliding_window: 4096, sliding_window_pattern: 2 }"),
        new(
            ["gemma3_text"],
            """
            { hidden_size: 2304, intermediate_size: 9216, num_hidden_layers: 26, num_attention_heads: 8,
              num_key_value_heads: 4, head_dim: 256, vocab_size: 262208, max_position_embeddings: 131072,
              tie_word_embeddings: true, sliding_window: 4096, sliding_window_pattern: 6 }
            """),
        new(["cohere"], "{ tie_word_embeddings: true }"),
        new(["cohere2"], "{ tie_word_embeddings: true, sliding_window: 4096, sliding_window_pattern: 4 }"),

        new(["deepseek", "deepseek_v2", "deepseek_v3", "kimi_k2", "glm4_moe"]),
        new(["qwen2_moe"], "{ use_sliding_window: false }", Shared: "shared_expert"),
        new(["qwen3_moe", "qwen3_vl_moe_text"], "{ use_sliding_window: false }"),
        new(["mixtral", "phimoe", "minimax_m2"], Ffn: "block_sparse_moe", Matrices: "w1 w2 w3"),
        new(["gpt_oss"], "{ head_dim: 64, sliding_window: 128, sliding_window_pattern: 2 }"),
        new(
            ["llama4_text"], "{ n_shared_experts: 1, attention_chunk_size: 8192 }",
            Ffn: "feed_forward", Shared: "shared_expert"),

        new(["opt", "gpt2"], "{ gated_ffn: false, tie_word_embeddings: true }", Matrices: "fc1 fc2"),
        new(["gptj", "gpt_neox", "phi"], "{ gated_ffn: false }", Matrices: "fc1 fc2"),
        new(["starcoder2"], "{ gated_ffn: false, tie_word_embeddings: true }", Matrices: "c_fc c_proj"),
        new(
            ["gpt_bigcode"], "{ gated_ffn: false, tie_word_embeddings: true, multi_query: true }",
            Matrices: "c_fc c_proj"),
        new(["bloom"], "{ gated_ffn: false, tie_word_embeddings: true, max_position_embeddings: 2048 }"),
        new(
            ["falcon"],
            "{ gated_ffn: false, tie_word_embeddings: true, multi_query: true, max_position_embeddings: 2048 }"),
    ];
}
