using ServingSim.Engine;
using ServingSim.Engine.Kv.Eviction;
using Xunit;

namespace ServingSim.Tests.Engine.Kv;

/// <summary>Known answers of vLLM's own block-manager tests (test_prefix_caching.py), by what blocks hold.</summary>
public sealed class KvCacheKnownAnswerTests
{
    private static readonly TokenStream Common = TokenStream.Shared(0);

    [Theory]
    [InlineData(UnhashedOrder.Tail, "- - - - - - - r0.3 r0.2 r0.1")]
    [InlineData(UnhashedOrder.Head, "- - - - - - - r0.3 r0.2 r0.1")]
    internal void K1_a_prefix_is_shared_and_released_end_first(UnhashedOrder order, string freed)
    {
        KvProbe kv = new(11, order: order);
        Request r0 = Prompt(0, 48, 7);
        Assert.Equal(0, kv.Admit(r0));
        Assert.Equal((3, 4), (KvProbe.HashedBlocksOf(r0), kv.Cache.UsedBlocks));

        Request r1 = Prompt(1, 48, 5);
        Assert.Equal(48, kv.Admit(r1));
        Assert.Equal(5, kv.Cache.FreeBlocks);

        kv.Free(r0, r1);
        Assert.Equal(freed, kv.FreeQueue);

        Request r2 = Prompt(2, 48, 6);
        Assert.Equal(48, kv.Admit(r2));
        Assert.Equal(6, kv.Cache.FreeBlocks);
        kv.Free(r2);
        Assert.Equal(freed, kv.FreeQueue);

        Request r3 = A.Request(3, 160, 1);
        Assert.Equal(0, kv.Admit(r3));
        Assert.Equal((0, 3), (kv.Cache.FreeBlocks, (int)kv.Cache.EvictedBlocks));
        kv.Free(r3);
        Assert.Equal(0, kv.Admit(Prompt(4, 48, 6)));
    }

    [Fact]
    public void K2_decoding_takes_a_block_when_the_last_is_full_and_registers_the_full_one()
    {
        KvProbe kv = new(11);
        Request r0 = A.Request(0, 55, 100);
        kv.Admit(r0);
        Assert.True(kv.Append(r0, 4));
        Assert.Equal((4, 3), (kv.Cache.UsedBlocks, KvProbe.HashedBlocksOf(r0)));
        Assert.True(kv.Append(r0, 19));
        Assert.Equal((5, 4), (kv.Cache.UsedBlocks, KvProbe.HashedBlocksOf(r0)));
    }

    [Theory]
    [InlineData(UnhashedOrder.Tail, "- - r0.5 r0.4 r0.3 r0.2 r0.1 r1.3 r1.2 r1.1")]
    [InlineData(UnhashedOrder.Head, "- - r0.5 r0.4 r0.3 r0.2 r0.1 r1.3 r1.2 r1.1")]
    internal void K3_the_first_released_is_evicted_first_the_end_of_its_sequence_before_its_beginning(
        UnhashedOrder order, string freed)
    {
        KvProbe kv = new(11, order: order);
        Request r0 = Prompt(0, 32, 55);
        Request r1 = A.Request(1, 48, 1);
        kv.Admit(r0);
        kv.Admit(r1);
        Assert.Equal(1, kv.Cache.FreeBlocks);
        kv.Free(r0, r1);
        Assert.Equal(freed, kv.FreeQueue);

        Assert.Equal(32, kv.Admit(Prompt(2, 32, 3)));
        Assert.Equal(7, kv.Cache.FreeBlocks);
    }

    [Theory]
    [InlineData(UnhashedOrder.Tail, "r0.1 -")]
    [InlineData(UnhashedOrder.Head, "- r0.1")]
    internal void Blocks_without_a_hash_enter_the_queue_where_the_profile_says(UnhashedOrder order, string freed)
    {
        KvProbe kv = new(3, order: order);
        Request r0 = A.Request(0, 16, 1);
        Request r1 = A.Request(1, 5, 1);
        kv.Admit(r0);
        kv.Admit(r1);
        kv.Free(r0, r1);
        Assert.Equal(freed, kv.FreeQueue);
    }

    [Fact]
    public void K4_a_block_taken_for_other_tokens_is_found_no_more()
    {
        KvProbe kv = new(2);
        Request first = Prompt(0, 16, 0);
        kv.Admit(first);
        kv.Free(first);
        Request other = A.Request(1, 15, 1);
        Assert.Equal(0, kv.Admit(other));
        kv.Free(other);
        Assert.Equal(0, kv.Cache.Find(Prompt(2, 16, 8)).Tokens);
    }

    [Fact]
    public void K6_without_prefix_caching_blocks_are_counted_only()
    {
        KvProbe kv = new(5, blockSize: 4, caching: false);
        Request r0 = A.Request(0, 10, 1);
        Assert.Equal(0, kv.Admit(r0));
        Assert.Equal(3, kv.Cache.UsedBlocks);
        kv.Free(r0);
        Assert.Equal(0, kv.Admit(A.Request(1, 16, 1)));
        Assert.Null(kv.Admit(A.Request(2, 4, 1)));
    }

    [Theory]
    [InlineData(48, 32)]
    [InlineData(49, 48)]
    [InlineData(16, 0)]
    [InlineData(17, 16)]
    public void K7_the_last_token_of_a_cached_prompt_is_always_computed(int prompt, int hit)
    {
        KvProbe kv = new(20);
        kv.Admit(Prompt(0, prompt, 0));
        Assert.Equal(hit, kv.Admit(Prompt(1, prompt, 0)));
    }

    [Fact]
    public void K9_the_cache_is_forgotten_only_when_no_block_is_held()
    {
        KvProbe kv = new(11);
        Request r0 = Prompt(0, 48, 7);
        kv.Admit(r0);
        Assert.False(kv.Cache.TryReset());
        kv.Free(r0);
        Assert.Equal(48, kv.Cache.Find(Prompt(1, 48, 7)).Tokens);
        Assert.True(kv.Cache.TryReset());
        Assert.Equal(0, kv.Cache.Find(Prompt(1, 48, 7)).Tokens);
        Assert.Equal(0, kv.Admit(A.Request(2, 160, 1)));
        Assert.Equal(0, kv.Cache.EvictedBlocks);
    }

    [Fact]
    public void K10_of_two_equal_blocks_the_first_is_found_and_the_other_outlives_it()
    {
        KvProbe kv = new(7);

        // r1 computes the third block again, because its last token must be computed
        Request r0 = Prompt(0, 48, 0);
        Request r1 = Prompt(1, 48, 0);
        kv.Admit(r0);
        Assert.Equal(32, kv.Admit(r1));
        Assert.Equal(4, kv.Cache.UsedBlocks);

        // r0's third block is evicted, r1's is found
        kv.Free(r0);
        Assert.Equal("- - r0.3", kv.FreeQueue);
        Assert.Equal(0, kv.Admit(A.Request(2, 48, 1)));
        Assert.Equal(1, kv.Cache.EvictedBlocks);
        Assert.Equal(48, kv.Cache.Find(Prompt(3, 48, 5)).Tokens);
    }

    [Fact]
    public void K14_prefixes_are_shared_under_the_same_salt_only()
    {
        KvProbe kv = new(20);
        kv.Admit(Salted(0, 7));
        Assert.Equal(48, kv.Admit(Salted(1, 7)));
        Assert.Equal(0, kv.Admit(Salted(2, 8)));
        Assert.Equal(0, kv.Admit(Prompt(3, 48, 5)));

        static Request Salted(long id, long salt) => new(
            new RequestId(id, 0),
            PromptContent.Of(new TokenSegment(Common, 48), new TokenSegment(TokenStream.OwnOf(id), 5)).WithSalt(salt),
            OutputLength.Of(1),
            default);
    }

    [Fact]
    public void A_failed_admission_leaves_the_order_of_eviction_as_it_was()
    {
        KvProbe kv = new(7);
        Request r0 = Prompt(0, 48, 0);
        Request r1 = A.Request(1, 32, 1);
        kv.Admit(r0);
        kv.Admit(r1);
        kv.Free(r0);
        string before = kv.FreeQueue;
        Assert.Equal("- r0.3 r0.2 r0.1", before);
        Assert.Null(kv.Admit(Prompt(2, 48, 33)));
        Assert.Equal(before, kv.FreeQueue);
    }

    [Fact]
    public void Blocks_that_decoding_fills_are_hit_at_once_by_who_quotes_them()
    {
        KvProbe kv = new(20, blockSize: 4);
        Request r0 = A.Request(0, 4, 100);
        kv.Admit(r0);
        kv.Append(r0, 5);
        Request quoting = A.Request(
            1, 1, 0, new TokenSegment(TokenStream.OwnOf(0), 4), new TokenSegment(TokenStream.OutputOf(0), 9));
        Assert.Equal(8, kv.Admit(quoting));
    }

    [Fact]
    public void A_hit_can_grow_by_who_decodes_although_another_quoted_its_next_tokens_first()
    {
        KvProbe kv = new(20, blockSize: 4);
        Request r0 = A.Request(0, 5, 100);
        kv.Admit(r0);
        kv.Grow(r0);
        kv.Admit(Quoting(1, 7));
        Request waiting = Quoting(2, 12);
        Assert.Equal(12, kv.Cache.Find(waiting).Tokens);
        Assert.True(kv.Cache.DecodingCanExtendHit(waiting));
        for (int i = 1; i < 11; i++)
        {
            kv.Grow(r0);
        }

        Assert.Equal(16, kv.Cache.Find(waiting).Tokens);
        kv.Free(r0);
        Assert.Equal(16, kv.Cache.Find(waiting).Tokens);
        Assert.False(kv.Cache.DecodingCanExtendHit(waiting));

        static Request Quoting(long id, int tokens) => A.Request(
            id, 1, 0, new TokenSegment(TokenStream.OwnOf(0), 5), new TokenSegment(TokenStream.OutputOf(0), tokens));
    }

    private static Request Prompt(long id, int common, int own) => own == 0
        ? A.Request(id, 1, 0, new TokenSegment(Common, common))
        : A.Request(id, 1, 0, new TokenSegment(Common, common), new TokenSegment(TokenStream.OwnOf(id), own));
}
