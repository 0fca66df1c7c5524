using ServingSim.Engine.Latency;
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
}
