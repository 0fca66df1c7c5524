using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>Known answers of vLLM's block manager, most of them from its own tests (test_prefix_caching.py).</summary>
public sealed class OracleKvTests
{
    [Theory]
    [InlineData(false, new[] { 6, 7, 8, 9, 10, 4, 5, 3, 2, 1 }, 6, new[] { 7, 8, 9, 10, 4, 5, 6, 3, 2, 1 })]
    [InlineData(true, new[] { 5, 4, 6, 7, 8, 9, 10, 3, 2, 1 }, 5, new[] { 5, 4, 6, 7, 8, 9, 10, 3, 2, 1 })]
    public void Requests_share_a_prefix_and_release_it_behind_unused_blocks(
        bool late, int[] queueAfterTwo, int newBlock, int[] queueAfterThree)
    {
        OracleKv kv = Kv(11, late: late);
        OracleSequence r0 = Admit(kv, ("common", 48), ("own0", 7));
        Assert.Equal([1, 2, 3, 4], r0.Blocks);
        Assert.Equal([true, true, true, false], r0.Blocks.Select(kv.IsRegistered));

        OracleSequence r1 = Admit(kv, ("common", 48), ("own1", 5));
        Assert.Equal([1, 2, 3, 5], r1.Blocks);
        Assert.Equal([2, 2, 2, 1], r1.Blocks.Select(kv.ReferencesTo));
        Assert.Equal(5, kv.FreeBlocks);

        kv.Free(r0);
        kv.Free(r1);
        Assert.Equal(queueAfterTwo, kv.FreeQueue);

        OracleSequence r2 = Admit(kv, ("common", 48), ("own2", 6));
        Assert.Equal([1, 2, 3, newBlock], r2.Blocks);
        Assert.Equal(6, kv.FreeBlocks);
        kv.Free(r2);
        Assert.Equal(queueAfterThree, kv.FreeQueue);

        OracleSequence r3 = Admit(kv, ("own3", 160));
        Assert.Equal(queueAfterThree, r3.Blocks);
        Assert.Equal(0, kv.FreeBlocks);
        Assert.Equal(3, kv.Evictions);
        Assert.Empty(Hits(kv, ("common", 48), ("own4", 1)));
    }

    [Fact]
    public void A_block_is_registered_when_decoding_fills_it()
    {
        OracleKv kv = Kv(11);
        OracleSequence request = Admit(kv, ("own", 55));

        Grow(kv, request, 4);
        Assert.Equal([1, 2, 3, 4], request.Blocks);
        Assert.False(kv.IsRegistered(4));

        Grow(kv, request, 19);
        Assert.Equal([1, 2, 3, 4, 5], request.Blocks);
        Assert.True(kv.IsRegistered(4));
        Assert.False(kv.IsRegistered(5));
    }

    [Theory]
    [InlineData(false, new[] { 10, 6, 5, 4, 3, 2, 1, 9, 8, 7 }, 10)]
    [InlineData(true, new[] { 6, 10, 5, 4, 3, 2, 1, 9, 8, 7 }, 6)]
    public void Blocks_are_released_tail_first(bool late, int[] queue, int newBlock)
    {
        OracleKv kv = Kv(11, late: late);
        OracleSequence r0 = Admit(kv, ("own0", 87));
        OracleSequence r1 = Admit(kv, ("own1", 48));
        Assert.Equal([1, 2, 3, 4, 5, 6], r0.Blocks);
        Assert.Equal([7, 8, 9], r1.Blocks);
        Assert.Equal(1, kv.FreeBlocks);

        kv.Free(r0);
        kv.Free(r1);
        Assert.Equal(queue, kv.FreeQueue);

        OracleSequence r2 = Admit(kv, ("own0", 32), ("own2", 3));
        Assert.Equal([1, 2, newBlock], r2.Blocks);
        Assert.Equal(7, kv.FreeBlocks);
    }

    [Fact]
    public void A_block_taken_for_other_tokens_is_no_longer_found()
    {
        OracleKv kv = Kv(2);
        OracleSequence first = Admit(kv, ("own0", 16));
        Assert.True(kv.IsRegistered(1));
        kv.Free(first);
        Assert.Equal([1], Hits(kv, ("own0", 17)));

        OracleSequence second = Admit(kv, ("own1", 15));
        Assert.Equal([1], second.Blocks);
        Assert.False(kv.IsRegistered(1));
        Assert.Empty(Hits(kv, ("own0", 17)));
    }

    [Fact]
    public void Without_prefix_caching_blocks_are_only_counted()
    {
        OracleKv kv = Kv(5, blockSize: 4, caching: false);
        OracleSequence first = Admit(kv, ("own0", 10));
        Assert.Equal(3, first.Blocks.Count);
        kv.Free(first);

        OracleSequence second = Admit(kv, ("own1", 16));
        Assert.Equal(4, second.Blocks.Count);
        OracleSequence third = kv.Sequence(Request(("own2", 4)));
        Assert.False(kv.TryAllocate(third, [], 4));
        Assert.Empty(third.Blocks);
    }

    [Theory]
    [InlineData(false, new[] { 4, 3, 2, 1 })]
    [InlineData(true, new[] { 3, 2, 1, 4 })]
    public void Without_prefix_caching_released_blocks_are_reused_last_or_first(bool late, int[] queue)
    {
        OracleKv kv = Kv(5, blockSize: 4, caching: false, late);
        kv.Free(Admit(kv, ("own0", 10)));
        Assert.Equal(queue, kv.FreeQueue);
    }

    [Fact]
    public void The_last_token_of_a_repeated_prompt_is_computed_again()
    {
        OracleKv kv = Kv(20);
        Admit(kv, ("own", 49));
        Assert.Equal([1, 2], Hits(kv, ("own", 48)));
        Assert.Equal([1, 2, 3], Hits(kv, ("own", 49)));
    }

    [Fact]
    public void Of_two_blocks_with_the_same_tokens_the_second_is_found_when_the_first_is_evicted()
    {
        OracleKv kv = Kv(4);
        OracleSequence first = Admit(kv, ("own", 16));
        OracleSequence twin = Admit(kv, ("own", 16));
        Assert.Equal([2], twin.Blocks);
        Assert.Equal([1], Hits(kv, ("own", 17)));

        kv.Free(first);
        kv.Free(twin);
        OracleSequence other = Admit(kv, ("other", 32));
        Assert.Equal([3, 1], other.Blocks);
        Assert.Equal([2], Hits(kv, ("own", 17)));
    }

    [Fact]
    public void A_prefix_is_shared_only_under_the_same_salt()
    {
        OracleKv kv = Kv(20);
        OracleRequest salted = Request(("own", 49)) with { CacheSalt = "a" };
        Admit(kv, salted);
        Assert.Equal([1, 2, 3], kv.CachedBlocks(kv.Sequence(salted)));
        Assert.Empty(kv.CachedBlocks(kv.Sequence(salted with { CacheSalt = "b" })));
        Assert.Empty(kv.CachedBlocks(kv.Sequence(salted with { CacheSalt = null })));
    }

    [Fact]
    public void A_failed_allocation_leaves_the_order_of_eviction_as_it_was()
    {
        OracleKv kv = Kv(5);
        kv.Free(Admit(kv, ("own", 32)));
        OracleSequence large = kv.Sequence(Request(("own", 32), ("more", 48)));
        Assert.False(kv.TryAllocate(large, kv.CachedBlocks(large), 48));
        Assert.Equal([3, 4, 2, 1], kv.FreeQueue);
        Assert.Equal(0, kv.ReferencesTo(1));
    }

    private static OracleKv Kv(int blocks, int blockSize = 16, bool caching = true, bool late = false) =>
        new(new OracleConfig
        {
            Profile = late ? OracleProfile.VllmV1Late : OracleProfile.VllmV1,
            NumGpuBlocks = blocks,
            BlockSize = blockSize,
            MaxModelLen = 1000,
            EnablePrefixCaching = caching,
        });

    private static OracleRequest Request(params (string Stream, int Tokens)[] prompt) =>
        new(0, [.. prompt.Select(part => new OracleSegment(part.Stream, part.Tokens))], MaxTokens: 100, Arrival: 0);

    private static OracleSequence Admit(OracleKv kv, params (string Stream, int Tokens)[] prompt) =>
        Admit(kv, Request(prompt));

    private static OracleSequence Admit(OracleKv kv, OracleRequest request)
    {
        OracleSequence sequence = kv.Sequence(request);
        List<int> hits = kv.CachedBlocks(sequence);
        Assert.True(kv.TryAllocate(sequence, hits, sequence.KnownTokens - (hits.Count * kv.BlockSize)));
        sequence.ComputedTokens = sequence.KnownTokens;
        return sequence;
    }

    private static void Grow(OracleKv kv, OracleSequence sequence, int tokens)
    {
        for (int i = 0; i < tokens; i++)
        {
            sequence.AppendOutput();
        }

        Assert.True(kv.TryAllocate(sequence, [], tokens));
        sequence.ComputedTokens = sequence.KnownTokens;
    }

    private static List<int> Hits(OracleKv kv, params (string Stream, int Tokens)[] prompt) =>
        kv.CachedBlocks(kv.Sequence(Request(prompt)));
}
