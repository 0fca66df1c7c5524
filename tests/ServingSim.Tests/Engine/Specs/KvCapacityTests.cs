using ServingSim.Engine.Specs;
using Xunit;

namespace ServingSim.Tests.Engine.Specs;

public sealed class KvCapacityTests
{
    private const long Gib = KvCapacity.BytesPerGib;

    [Fact]
    public void K18_55_GiB_of_KV_are_28160_blocks_of_Llama_3_8B()
    {
        ModelShard shard = new(ConfigFile.Model("llama-3.1-8b"), new Parallelism());

        KvCapacity capacity = new(
            BudgetBytes: 72 * Gib, WeightBytes: 15 * Gib, OverheadBytes: 2 * Gib,
            shard.KvBytesPerToken(KvCacheDtype.Auto), BlockSize: 16);

        Assert.Equal(2_097_152, capacity.BytesPerBlock);
        Assert.Equal(28_160, capacity.Blocks);
        Assert.Equal(450_560, capacity.Tokens);
        Assert.Equal(55, capacity.Tokens / 8192.0);
    }

    // "GPU KV cache size" lines of vLLM 0.15.1 on H100 80 GB
    [Theory]
    [InlineData("llama-2-7b", 1, 119_408)]
    [InlineData("llama-2-70b", 4, 501_712)]
    [InlineData("mixtral-8x7b", 2, 440_176)]
    [InlineData("codellama-34b", 2, 425_648)]
    public void Capacity_is_within_one_percent_of_what_vllm_logs(string model, int tp, long logged)
    {
        KvCapacity capacity = Of(model, "h100-sxm", tp);

        Assert.InRange(capacity.Tokens, logged * 0.99, logged * 1.01);
    }

    [Theory]
    [InlineData("llama-3.1-8b", 1, 131_072)]
    [InlineData("llama-3.1-70b", 1, 327_680)]
    [InlineData("llama-2-7b", 1, 524_288)]
    [InlineData("mixtral-8x7b", 1, 131_072)]
    [InlineData("qwen3-32b", 1, 64 * 2 * 8 * 128 * 2)]
    [InlineData("llama-3.1-70b", 4, 327_680 / 4)]
    [InlineData("llama-3.1-70b", 16, 327_680 / 8)]
    public void KV_bytes_of_a_token_are_split_until_every_gpu_has_one_head(string model, int tp, long bytes)
    {
        ModelShard shard = new(ConfigFile.Model(model), new Parallelism(tp));

        Assert.Equal(bytes, shard.KvBytesPerToken(KvCacheDtype.Auto));
        Assert.Equal(bytes / 2, shard.KvBytesPerToken(KvCacheDtype.Fp8));
    }

    [Fact]
    public void A_model_that_does_not_fit_has_no_blocks_and_says_by_how_much()
    {
        KvCapacity capacity = Of("llama-2-70b", "h100-sxm", tp: 1);

        Assert.Equal(0, capacity.Blocks);
        Assert.Equal(0, capacity.Tokens);
        Assert.InRange(capacity.KvBytes, -60 * Gib, -50 * Gib);
        Assert.InRange(capacity.WeightBytes, 128 * Gib, 129 * Gib);
    }

    [Fact]
    public void More_batched_tokens_cost_their_activations()
    {
        // Llama-2-7B: two residual widths and three FFN widths of bf16 a token
        long perToken = 2 * ((2 * 4096) + (3 * 11008));
        ModelShard shard = new(ConfigFile.Model("llama-2-7b"), new Parallelism());
        MemoryOverhead overhead = new(OneGpuGib: 1);

        Assert.Equal(Gib, overhead.BytesPerGpu(shard, 2048));
        Assert.Equal(Gib + (6144 * perToken), overhead.BytesPerGpu(shard, 8192));
        Assert.Equal(0, new MemoryOverhead(OneGpuGib: 0).BytesPerGpu(shard, 16));
    }

    [Fact]
    public void Weights_and_KV_are_both_per_gpu()
    {
        ModelSpec model = ConfigFile.Model("llama-2-7b");
        ModelShard one = new(model, new Parallelism(1));
        ModelShard two = new(model, new Parallelism(2));
        long norms = 2 * (65 * 4096L);

        Assert.Equal(one.KvBytesPerToken(KvCacheDtype.Auto), 2 * two.KvBytesPerToken(KvCacheDtype.Auto));
        Assert.Equal(one.WeightBytes - norms, 2 * (two.WeightBytes - norms));
    }

    // vLLM's get_pp_indices
    [Theory]
    [InlineData(32, 4, "8 8 8 8")]
    [InlineData(61, 2, "31 30")]
    [InlineData(61, 4, "15 15 16 15")]
    [InlineData(22, 4, "5 6 6 5")]
    [InlineData(5, 3, "2 2 1")]
    public void Layers_that_remain_go_to_the_stages_before_the_last(int layers, int pp, string stages) =>
        Assert.Equal(stages, string.Join(' ', new Parallelism(Pp: pp).LayersOfStages(layers)));

    [Fact]
    public void The_stage_with_the_fewest_blocks_decides_what_a_pipeline_holds()
    {
        // Llama-2-7B in bf16: 16 layers a stage, each 4 matrices of attention, 3 of the FFN and two norms; the
        // embedding with the first, the LM head and a norm with the last. A token takes 16 · 2 · 4096 elements on each
        const long layers = 16 * ((4 * 4096L * 4096) + (3 * 4096L * 11008) + (2 * 4096));
        const long table = 32000L * 4096;
        ModelShard shard = new(ConfigFile.Model("llama-2-7b"), new Parallelism(Pp: 2));
        KvCapacity capacity = KvCapacity.Of(
            shard, ConfigFile.Gpu("h100-sxm"), 0.9, 16, 2048, KvCacheDtype.Auto, new MemoryOverhead());

        Assert.Equal([2 * (layers + table), 2 * (layers + table + 4096)], shard.Stages.Select(s => s.WeightBytes));
        Assert.Equal(shard.Stages[1].WeightBytes, capacity.WeightBytes);
        Assert.Equal(16 * 2 * 4096 * 2 * 16, capacity.BytesPerBlock);
        long left = (long)Math.Ceiling(72.0 * Gib) - capacity.WeightBytes - (long)Math.Ceiling(1.6 * Gib);
        Assert.Equal(left / capacity.BytesPerBlock, capacity.Blocks);
    }

    [Fact]
    public void A_stage_with_a_layer_more_has_fewer_blocks()
    {
        // 61 layers in 31 + 30
        ModelShard shard = new(
            ConfigFile.Model("deepseek-v3"), new Parallelism(8, Pp: 2));
        KvCapacity capacity = KvCapacity.Of(
            shard, ConfigFile.Gpu("h200-sxm"), 0.9, 16, 2048, KvCacheDtype.Auto, new MemoryOverhead());

        Assert.Equal(31 * 576 * 2, capacity.BytesPerToken);
        Assert.Equal(61 * 576 * 2, shard.KvBytesPerToken(KvCacheDtype.Auto));
    }

    private static KvCapacity Of(string model, string gpu, int tp) => KvCapacity.Of(
        new ModelShard(ConfigFile.Model(model), new Parallelism(tp)), ConfigFile.Gpu(gpu),
        gpuMemoryUtilization: 0.9, blockSize: 16, maxNumBatchedTokens: 2048, KvCacheDtype.Auto, new MemoryOverhead());
}
