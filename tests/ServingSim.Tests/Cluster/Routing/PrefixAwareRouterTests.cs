using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

public sealed class PrefixAwareRouterTests
{
    [Fact]
    public void The_replica_that_was_sent_the_longest_prefix_is_chosen_although_it_is_busier()
    {
        Routed router = new(new PrefixAwareOptions());
        Assert.Equal(1, router.Choose(Prompt(0, 64, 16), 1, 0, 2));
        Assert.Equal(2, router.Choose(Prompt(1, 0, 80), 1, 1, 0));
        Assert.Equal(1, router.Choose(Prompt(2, 64, 16), 0, 9, 0));
    }

    /// <summary>Blocks of 16: of 63 shared tokens 48 match, of 64 all.</summary>
    [Theory]
    [InlineData(64, 64, 1)]
    [InlineData(64, 65, 0)]
    [InlineData(63, 33, 1)]
    [InlineData(63, 34, 0)]
    public void A_prefix_counts_in_full_blocks_and_at_least_min_match_of_the_prompt(int shared, int own, int chosen)
    {
        Routed router = new(new PrefixAwareOptions());
        router.Choose(Prompt(0, 64, 1), 1, 0);
        Assert.Equal(chosen, router.Choose(Prompt(1, shared, own), 0, 1));
    }

    [Fact]
    public void Of_equal_prefixes_the_fewest_outstanding_decide()
    {
        Routed router = new(new PrefixAwareOptions(MinMatch: 0.9));
        Assert.Equal(1, router.Choose(Prompt(0, 64, 16), 1, 0, 1));
        Assert.Equal(2, router.Choose(Prompt(1, 64, 16), 1, 1, 0));
        Assert.Equal(2, router.Choose(Prompt(2, 64, 0), 0, 5, 4));
        Assert.Equal(1, router.Choose(Prompt(3, 64, 0), 0, 4, 4));
    }

    [Fact]
    public void What_was_sent_longest_ago_is_forgotten_the_end_of_a_prompt_first()
    {
        SentPrefixes sent = new(4);
        ReplicaView replica = Views.Idle(3)[2];
        sent.Add(replica, [1, 2, 3]);
        sent.Add(replica, [7, 8]);
        Assert.Equal(2, sent.Match([1, 2, 3])[2]);
        sent.Add(replica, [1, 2]);
        sent.Add(replica, [9]);
        Assert.Equal((2, 1, 1), (sent.Match([1, 2, 3])[2], sent.Match([7, 8])[2], sent.Match([9])[2]));
        sent.Add(replica, [11, 12, 13, 14, 15]);
        Assert.Equal((4, 0), (sent.Match([11, 12, 13, 14, 15])[2], sent.Match([1])[2]));
    }

    /// <summary>16 of 32 tokens match: just enough.</summary>
    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(0.51, 0)]
    public void The_beginning_of_a_stream_repeated_is_not_its_continuation(double minMatch, int chosen)
    {
        Routed router = new(new PrefixAwareOptions(MinMatch: minMatch));
        router.Choose(Prompt(0, 32, 0), 1, 0);
        TokenSegment beginning = new(TokenStream.Shared(0), 16);
        Assert.Equal(chosen, router.Choose(Views.Request(1, null, beginning, beginning), 0, 1));
    }

    [Fact]
    public void A_salt_shares_nothing_with_another_and_a_shifted_stream_nothing_with_itself()
    {
        ClientRequest plain = Prompt(0, 64, 0);
        Routed router = new(new PrefixAwareOptions());
        router.Choose(plain, 1, 0);
        Assert.Equal(1, router.Choose(plain, 0, 1));
        router = new(new PrefixAwareOptions());
        router.Choose(plain, 1, 0);
        Assert.Equal(0, router.Choose(plain with { Prompt = plain.Prompt.WithSalt(1) }, 0, 1));
        ClientRequest shifted = Views.Request(
            1, null, new TokenSegment(TokenStream.OwnOf(1), 16), new TokenSegment(TokenStream.Shared(0), 64));
        Assert.Equal(0, router.Choose(shifted, 0, 1));
    }

    /// <summary>Against a model that keeps all prompts token by token and forgets nothing.</summary>
    [Fact]
    public void Choices_are_those_of_a_comparison_token_by_token()
    {
        Gen<(int Stream, int Tokens)[]> prompt = Gen.Select(Gen.Int[0, 2], Gen.Int[1, 12]).Array[1, 4];
        Gen.Select(prompt.Array[1, 30], Gen.Int[0, 3].Array[3], Gen.Int[1, 5], Gen.Double[0, 1]).Sample(
            (prompts, outstanding, block, minMatch) =>
            {
                Routed router = new(new PrefixAwareOptions(block, minMatch));
                List<(int, int)[]>[] sent = [[], [], []];
                for (int id = 0; id < prompts.Length; id++)
                {
                    int[] loads = [.. outstanding.Select((o, i) => (o + (id * i)) % 4)];
                    (int, int)[] tokens =
                        [.. prompts[id].SelectMany(s => Enumerable.Range(0, s.Tokens).Select(t => (s.Stream, t)))];
                    int[] matched = [.. sent.Select(s => s.Select(p => Matched(p, tokens, block)).Append(0).Max())];
                    IEnumerable<int> candidates = matched.Max() >= minMatch * tokens.Length
                        ? Enumerable.Range(0, 3).Where(i => matched[i] == matched.Max())
                        : Enumerable.Range(0, 3);
                    int chosen = router.Choose(
                        Views.Request(id, null, [.. prompts[id].Select(
                            s => new TokenSegment(TokenStream.Shared(s.Stream), s.Tokens))]),
                        loads);
                    Assert.Equal(candidates.MinBy(i => loads[i]), chosen);
                    sent[chosen].Add(tokens);
                }
            }, iter: 100);
    }

    [Fact]
    public void What_was_refused_is_not_remembered_and_what_another_set_of_pools_sent_is()
    {
        ReplicaView[] views = Views.Of(1, 0);
        RouterContext context = Views.Context();
        PrefixAwareRouter router = new(new PrefixAwareOptions(), context);
        Assert.Equal(1, router.Choose(Prompt(0, 64, 0), views));
        (views[0].Outstanding, views[1].Outstanding) = (0, 1);
        Assert.Equal(0, router.Choose(Prompt(1, 64, 0), views));
        new PrefixAwareRouter(new PrefixAwareOptions(), context).Sent(Prompt(2, 64, 0), views[1]);
        Assert.Equal(1, router.Choose(Prompt(3, 64, 0), views));
    }

    [Fact]
    public void A_bounded_memory_remembers_what_a_list_with_the_same_rule_remembers() =>
        Gen.Select(Gen.Int[1, 8], Gen.Int[0, 5].Array[1, 6].Array[1, 30]).Sample((capacity, prompts) =>
        {
            SentPrefixes sent = new(capacity);
            ReplicaView replica = Views.Idle(2)[1];
            List<ulong> latestFirst = [];
            foreach (int[] prompt in prompts)
            {
                ulong[] keys = [.. prompt.Distinct().Select((_, i) => ((ulong)prompt[0] << 32) | (uint)i)];
                sent.Add(replica, keys);
                latestFirst = [.. keys.Concat(latestFirst.Except(keys)).Take(capacity)];
                Assert.All(Enumerable.Range(0, 6), first => Assert.Equal(
                    Enumerable.Range(0, 6).TakeWhile(i => latestFirst.Contains(Key(first, i))).Count(),
                    sent.Match([.. Enumerable.Range(0, 6).Select(i => Key(first, i))])[1]));
            }
        }, iter: 100);

    private static ulong Key(int first, int index) => ((ulong)first << 32) | (uint)index;

    private static int Matched((int, int)[] sent, (int, int)[] asked, int block) =>
        asked.Zip(sent).TakeWhile(p => p.First == p.Second).Count() / block * block;

    /// <summary>A router, and replicas that remember what it sent.</summary>
    private sealed class Routed(PrefixAwareOptions options)
    {
        private readonly PrefixAwareRouter _router = new(options, Views.Context());
        private ReplicaView[] _views = [];

        public int Choose(ClientRequest request, params int[] outstanding)
        {
            _views = _views.Length == 0 ? Views.Of(outstanding) : _views;
            for (int i = 0; i < outstanding.Length; i++)
            {
                _views[i].Outstanding = outstanding[i];
            }

            int chosen = _router.Choose(request, _views);
            _router.Sent(request, _views[chosen]);
            return chosen;
        }
    }

    /// <summary>Shared tokens, then tokens of its own.</summary>
    private static ClientRequest Prompt(long id, int shared, int own)
    {
        TokenSegment[] segments =
            [new TokenSegment(TokenStream.Shared(0), shared), new TokenSegment(TokenStream.OwnOf(id), own)];
        return Views.Request(id, null, [.. segments.Where(s => s.Tokens > 0)]);
    }
}
