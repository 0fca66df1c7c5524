using ServingSim.Engine.Latency;
using ServingSim.Engine.Specs;
using ServingSim.Tests.Engine.Specs;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

public sealed class FlashAttention2DecodesTests
{
    // Eight query heads to a key-value head, 100 multiprocessors, a cache of 1,000 tokens of one head
    private static readonly FlashAttention2Decodes Reading = new(0, 2, 0, 0, 8, 100, 1000, 7, 64);

    [Theory]
    [InlineData(200, 1000, 1)]
    [InlineData(200, 1001, 8)]
    [InlineData(100, 2000, 8)]
    [InlineData(50, 2000, 4)]
    [InlineData(10, 2000, 1)]
    public void Heads_read_keys_anew_that_neither_the_cache_holds_nor_another_head_reads(
        int decodes, long context, double times) =>
        Assert.Equal(2 * context * times, Reading.Seconds(decodes, context, 64), 1e-9);

    [Fact]
    public void A_GPU_of_which_neither_is_known_reads_them_once() => Assert.Equal(
        2e9, (Reading with { Sms = double.PositiveInfinity, CachedTokens = double.PositiveInfinity })
            .Seconds(1000, 1_000_000_000, 1), 1);

    [Fact]
    public void Tiles_hide_reading_and_join_heads_and_the_longest_chain_by_the_root_of_squares()
    {
        FlashAttention2Decodes all = new(3, 2, 40, 500, 1, 100, 1000, 7, 64);

        // 30 s of tiles, 120 s of heads, 500 s for each of 10 / 3 tokens
        double expected = Math.Sqrt((30 * 30) + (120 * 120) + (500 * 10 / 3.0 * (500 * 10 / 3.0)));
        Assert.Equal(expected, all.Seconds(3, 10, 64), 1e-9);
    }

    [Theory]
    [InlineData(64, 0)]
    [InlineData(65, 1)]
    [InlineData(2048, 31)]
    public void Each_decode_has_as_many_tiles_as_the_longest_chunk_and_all_but_one_are_empty(int chunk, int empty) =>
        Assert.Equal(
            Reading.Seconds(10, 500, 1) + (7 * 10 * empty), Reading.Seconds(10, 500, chunk), 1e-9);

    [Theory]
    [InlineData(1, 32, 8)]
    [InlineData(4, 8, 2)]
    [InlineData(16, 2, 1)]
    public void It_follows_from_the_heads_of_a_shard_and_the_GPU(int tp, int queryHeads, int kvHeads)
    {
        GpuSpec gpu = new("any", 80, 1000, 500, 700, 50, 3, ComputeCapability: 8.0, Sms: 100, L2Mb: 50, LinkGpus: 16);
        RooflineOptions options = new(Decode: new(1, 0.5, 0, 2), Prefill: new(0.5, 1, 0, 10));
        FlashAttention2Decodes decodes = Of(gpu)!.Value;

        // Two layers with heads of 128 elements of two bytes: 512 bytes a token of keys and values of one head
        Assert.Equal(2 * 64 * 2 * 2 * 128 * queryHeads / 250e12, decodes.TileSeconds, 1e-18);
        Assert.Equal(2 * 512 * kvHeads / 500e9, decodes.KvSeconds, 1e-18);
        Assert.Equal(2 * 2e-6 * queryHeads, decodes.HeadSeconds, 1e-12);
        Assert.Equal(2 * 10e-9, decodes.ChainSeconds, 1e-15);
        Assert.Equal((double)queryHeads / kvHeads, decodes.Sharing);
        Assert.Equal(50e6 / 512, decodes.CachedTokens, 1e-6);
        Assert.Equal(2 * queryHeads * 0.35e-6 / 100, decodes.EmptySeconds, 1e-15);
        Assert.Equal((100, 64), (decodes.Sms, decodes.TileRows));

        FlashAttention2Decodes unknown = Of(gpu with { Sms = null, L2Mb = null })!.Value;
        Assert.Equal((double.PositiveInfinity, double.PositiveInfinity), (unknown.Sms, unknown.CachedTokens));
        Assert.Equal(0, unknown.EmptySeconds);
        Assert.Null(Of(gpu with { ComputeCapability = null }));

        FlashAttention2Decodes? Of(GpuSpec of) => FlashAttention2Decodes.Of(
            options, new ModelShard(ConfigFile.Model("llama-3.1-8b"), new Parallelism(tp)), of, KvCacheDtype.Auto, 2);
    }

    [Fact]
    public void Latent_attention_has_kernels_of_its_own() => Assert.Null(FlashAttention2Decodes.Of(
        new RooflineOptions(), new ModelShard(ConfigFile.Model("deepseek-v3"), new Parallelism()),
        ConfigFile.Gpu("a100-sxm-80gb"), KvCacheDtype.Auto, 2));

    /// <summary>Where no request has several queries, heads are packed and contexts split as without prompts.</summary>
    [Fact]
    public void Beside_chunks_of_one_token_decodes_take_as_long_as_alone()
    {
        RooflineLatency latency = new(
            new RooflineOptions(), ConfigFile.Model("llama-3.1-8b"), ConfigFile.Gpu("a100-sxm-80gb"), new Parallelism(),
            default);
        Assert.Equal(DecodesBeside(1, 0), DecodesBeside(1, 50_000), 1e-9);
        Assert.True(DecodesBeside(2, 50_000) > 1.1 * DecodesBeside(1, 50_000));

        // What 50 decodes of 1,000 tokens each add to a prompt's chunk, less what tokens add
        double DecodesBeside(int chunk, int before)
        {
            PrefillChunk[] chunks = [new(chunk, before)];
            double with = latency.TimeOf(new StepShape(chunks, 50, 50_000, 50)).Device.TotalSeconds;
            double without = latency.TimeOf(new StepShape(chunks, 50, 50, 50)).Device.TotalSeconds;
            return with - without;
        }
    }
}
