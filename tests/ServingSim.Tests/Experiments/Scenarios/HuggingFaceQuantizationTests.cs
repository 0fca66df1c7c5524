using ServingSim.Engine.Specs;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Scenarios;

/// <summary>How the matrices are stored, by <c>quantization_config</c>.</summary>
public sealed class HuggingFaceQuantizationTests
{
    private const string Int4Group =
        "\"g\": { \"targets\": [\"Linear\"], \"weights\": { \"num_bits\": 4, \"type\": \"int\" } }";

    private const string Nvfp4 = "\"quant_method\": \"modelopt\", \"quant_algo\": \"NVFP4\"";

    [Theory]
    [InlineData("\"quant_method\": \"fp8\"", WeightDtype.Fp8)]
    [InlineData("\"quant_method\": \"awq\", \"bits\": 4, \"modules_to_not_convert\": [\"visual\"]", WeightDtype.Int4)]
    [InlineData("\"quant_method\": \"gptq\", \"bits\": 4, \"dynamic\": {}", WeightDtype.Int4)]
    [InlineData(Nvfp4 + ", \"ignore\": [\"lm_head\"]", WeightDtype.Fp4)]
    [InlineData("\"quant_method\": \"modelopt\", \"quant_algo\": \"FP8\"", WeightDtype.Fp8)]
    [InlineData("\"quant_method\": \"compressed-tensors\", \"config_groups\": {" + Int4Group + "}", WeightDtype.Int4)]
    [InlineData("\"quant_method\": \"compressed-tensors\", \"config_groups\": { \"g\": { \"targets\": [\"Linear\"], "
        + "\"weights\": { \"num_bits\": 8, \"type\": \"float\" }, \"input_activations\": { \"num_bits\": 8 } } }",
        WeightDtype.Fp8)]
    [InlineData("\"quant_method\": \"compressed-tensors\", \"config_groups\": { \"g\": { \"targets\": [\"Linear\"], "
        + "\"weights\": { \"num_bits\": 4, \"type\": \"float\" }, \"input_activations\": { \"num_bits\": 4 } } }",
        WeightDtype.Fp4)]
    public void A_dense_model_is_stored_as_its_method_says(string quantization, WeightDtype dtype) =>
        Assert.Equal(dtype, Read("\"model_type\": \"llama\", " + HuggingFaceModel.Dense, quantization).WeightDtype);

    [Theory]
    [InlineData("", WeightDtype.Fp4, WeightDtype.Fp4)]
    [InlineData("\"*self_attn*\", \"*shared_experts*\", \"model.layers.0*\"", WeightDtype.Bf16, WeightDtype.Fp4)]
    [InlineData("\"re:.*self_attn.*\", \"re:.*shared_experts.*\", \"re:.*mlp\\\\.(gate|up|down)_proj\"",
        WeightDtype.Bf16, WeightDtype.Fp4)]
    [InlineData("\"self_attn\", \"shared_experts\", \"language_model.model.layers.0.mlp\"", WeightDtype.Bf16,
        WeightDtype.Fp4)]
    [InlineData("\"re:.*(norm|self_attn|shared_experts).*\", \"model.layers.0*\"", WeightDtype.Bf16, WeightDtype.Fp4)]
    [InlineData("\"re:.*mlp.experts.*\"", WeightDtype.Fp4, WeightDtype.Bf16)]
    [InlineData("\"mlp.gate\", \"re:.*\\\\.gate$\", \"model.layers.4.eh_proj\", \"re:.*layers\\\\.4\\\\..*\"",
        WeightDtype.Fp4, WeightDtype.Fp4)]
    [InlineData("\"vision_tower.encoder.layers.0.self_attn.q_proj\", \"model.norm\"", WeightDtype.Fp4, WeightDtype.Fp4)]
    public void Modules_left_out_stay_in_bf16(string ignored, WeightDtype dtype, WeightDtype ofExperts)
    {
        ModelSpec model = Read(HuggingFaceModel.Mixture, $"{Nvfp4}, \"ignore\": [{ignored}]");
        Assert.Equal((dtype, ofExperts), (model.WeightDtype, model.ExpertDtype));
    }

    [Fact]
    public void Targets_say_what_is_quantized()
    {
        ModelSpec model = Read(
            HuggingFaceModel.Mixture,
            "\"quant_method\": \"compressed-tensors\", \"config_groups\": { "
            + Int4Group.Replace("Linear", "re:.*mlp\\\\.experts.*") + "}");
        Assert.Equal((WeightDtype.Bf16, WeightDtype.Int4), (model.WeightDtype, model.ExpertDtype));
    }

    [Theory]
    [InlineData("\"quant_method\": \"exl2\"", "quantization_config.quant_method: found 'exl2', expected a method that "
        + "can be simulated; known: fp8, fbgemm_fp8, awq, gptq, compressed-tensors, modelopt, modelopt_fp4, mxfp4")]
    [InlineData("\"bits\": 4", "quant_method: found '', expected a method")]
    [InlineData("\"quant_method\": \"gptq\", \"bits\": 8", "quantization_config.bits: found '8', expected 4: weights ")]
    [InlineData("\"quant_method\": \"gptq\", \"bits\": 4, \"dynamic\": { \"-:x\": {} }", "dynamic: found a mapping, e")]
    [InlineData("\"quant_method\": \"modelopt\", \"quant_algo\": \"W4A8_AWQ\"", "quant_algo: found 'W4A8_AWQ', expect")]
    [InlineData(Nvfp4 + ", \"kv_cache_scheme\": { \"num_bits\": 8 }",
        "kv_cache_scheme: found a mapping, expected null: "
        + "the KV cache's dtype is the engine's kv_cache_dtype")]
    [InlineData(Nvfp4 + ", \"sparsity_config\": { \"format\": \"sparse-24-bitmask\" }", "sparse weights are not model")]
    [InlineData(Nvfp4 + ", \"ignore\": [\"self_attn\"]", "quantization_config: found attention in bf16, dense FFNs in "
        + "fp4, shared experts in fp4, routed experts in fp4, expected one dtype for routed experts and one for all ")]
    [InlineData(Nvfp4 + ", \"ignore\": [\"model.layers.2\"]", "found attention in fp4 and bf16, dense FFNs in fp4, ")]
    [InlineData(Nvfp4 + ", \"ignore\": [\"model.layers.2.mlp.experts\"]", "routed experts in fp4 and bf16")]
    [InlineData(Nvfp4 + ", \"ignore\": [\"self_atn\"]", "quantization_config.ignore: found 'self_atn', expected a mod")]
    [InlineData(Nvfp4 + ", \"ignore\": [\"re:(\"]", "ignore: found 're:(', expected a regular expression after re:")]
    [InlineData("\"quant_method\": \"compressed-tensors\"", "quantization_config.config_groups: missing, expected wha")]
    [InlineData("\"quant_method\": \"compressed-tensors\", \"config_groups\": { "
        + "\"g\": { \"weights\": { \"num_bits\": 8, "
        + "\"type\": \"int\" }, \"input_activations\": { \"num_bits\": 8 } } }", "quantization_config.config_groups.g."
        + "weights: found int weights of 8 bits with activations of 8, expected int of 4 with 16, float of 8 with 8, ")]
    public void What_cannot_be_simulated_is_refused_with_its_key(string quantization, string message)
    {
        string error = Assert.Throws<ScenarioException>(() => Read(HuggingFaceModel.Mixture, quantization)).Message;
        Assert.Contains(message, error);
        Assert.Contains("config.json:2: ", error);
    }

    private static ModelSpec Read(string keys, string quantization) =>
        HuggingFaceModel.Read($"\n\"quantization_config\": {{ {quantization} }}, {keys}");
}
