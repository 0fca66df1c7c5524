using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

/// <summary><c>session-affinity</c> and <c>consistent-hash</c>.</summary>
public sealed class HashRouterTests
{
    private static readonly Gen<int[]> Loads = Gen.Int[0, 40].Array[1, 10];

    private readonly SessionAffinityRouter _affinity = new(new SessionAffinityOptions());
    private readonly ConsistentHashRouter _hash = new(new ConsistentHashOptions());

    [Fact]
    public void A_session_stays_with_its_replica_whatever_the_loads() =>
        Gen.Select(Loads, Gen.Int[0, 1000]).Sample((loads, session) => Assert.Equal(
            _affinity.Choose(Views.Request(1, $"s{session}"), Views.Idle(loads.Length)),
            _affinity.Choose(Views.Request(2, $"s{session}"), Views.Of(loads))), iter: 100, threads: 1);

    /// <summary>A longer prompt may fit fewer pools: its session stays, if its replica is among them.</summary>
    [Fact]
    public void A_session_stays_with_its_replica_where_fewer_can_serve_it()
    {
        ReplicaView[] all = Views.Idle(6);
        ReplicaView[] some = [all[1], all[3], all[4], all[5]];
        SessionAffinityRouter other = new(new SessionAffinityOptions());
        for (int i = 0; i < 300; i++)
        {
            ReplicaView before = all[_affinity.Choose(Views.Request(i, $"s{i}"), all)];
            ReplicaView now = some[other.Choose(Views.Request(i, $"s{i}"), some)];
            Assert.True(now == before || !some.Contains(before));
        }
    }

    [Fact]
    public void A_request_without_session_goes_to_the_least_outstanding() =>
        Assert.Equal(2, _affinity.Choose(Views.Request(1), Views.Of(3, 2, 1, 1)));

    [Fact]
    public void The_label_that_names_the_session_can_be_chosen()
    {
        SessionAffinityRouter router = new(new SessionAffinityOptions("tenant"));
        Assert.Equal(1, router.Choose(Views.Request(1, "a"), Views.Of(1, 0)));
        ClientRequest labelled = Views.Request(1) with { Labels = new Labels([new("tenant", "a")]) };
        Assert.Equal(
            router.Choose(labelled, Views.Of(0, 1)),
            router.Choose(labelled, Views.Of(1, 0)));
    }

    [Fact]
    public void Sessions_spread_over_the_replicas_about_evenly()
    {
        ReplicaView[] views = Views.Idle(8);
        int[] counts = new int[8];
        for (int i = 0; i < 8000; i++)
        {
            counts[_affinity.Choose(Views.Request(i, $"s{i}"), views)]++;
        }

        Assert.All(counts, c => Assert.InRange(c, 700, 1300));
    }

    [Fact]
    public void One_more_replica_takes_keys_over_and_moves_no_other() =>
        Gen.Int[1, 12].Sample(replicas =>
        {
            (ReplicaView[] before, ReplicaView[] after) = (Views.Idle(replicas), Views.Idle(replicas + 1));
            int moved = 0;
            for (int i = 0; i < 300; i++)
            {
                ClientRequest request = Views.Request(i, $"s{i}");
                int now = _affinity.Choose(request, after);
                moved += now == replicas ? 1 : 0;
                Assert.True(now == replicas || now == _affinity.Choose(request, before));
            }

            Assert.InRange(moved, 1, 299);
        }, iter: 12, threads: 1);

    /// <summary>20 in flight on 4 replicas: the bound is 1.25 · 21 / 4 = 6.5625.</summary>
    [Fact]
    public void An_owner_above_the_bound_is_passed_over_and_one_below_is_not()
    {
        int owner = _hash.Choose(Views.Request(0, "a"), Views.Idle(4));
        Assert.Equal(owner, _hash.Choose(Views.Request(0, "a"), Views.Of(Loaded(6, 5, 5, 4))));
        int second = _hash.Choose(Views.Request(0, "a"), Views.Of(Loaded(7, 5, 4, 4)));
        Assert.NotEqual(owner, second);

        // The next on the ring is passed over too when it has 7
        int[] two = [3, 3, 3, 3];
        (two[owner], two[second]) = (7, 7);
        Assert.DoesNotContain(_hash.Choose(Views.Request(0, "a"), Views.Of(two)), new[] { owner, second });

        int[] Loaded(int atOwner, params int[] others)
        {
            List<int> loads = [.. others];
            loads.Insert(owner, atOwner);
            return [.. loads];
        }
    }

    [Theory]
    [InlineData(1, 4, 4, true)]
    [InlineData(1, 5, 4, true)]
    [InlineData(1, 6, 4, false)]
    [InlineData(2, 10, 1, true)]
    [InlineData(2, 12, 0, true)]
    [InlineData(1.5, 4, 0, false)]
    public void The_bound_is_the_factor_times_the_mean_with_the_new_request(
        double factor, int atOwner, int atOther, bool stays)
    {
        ConsistentHashRouter router = new(new ConsistentHashOptions(LoadFactor: factor));
        int owner = router.Choose(Views.Request(0, "a"), Views.Idle(2));
        int chosen = router.Choose(
            Views.Request(0, "a"), owner == 0 ? Views.Of(atOwner, atOther) : Views.Of(atOther, atOwner));
        Assert.Equal(stays, chosen == owner);
    }

    [Fact]
    public void No_choice_is_above_the_bound_and_an_owner_within_it_is_chosen() =>
        Gen.Select(Loads, Gen.Double[1, 3], Gen.Int[0, 1000]).Sample((loads, factor, session) =>
        {
            ConsistentHashRouter router = new(new ConsistentHashOptions(LoadFactor: factor));
            ClientRequest request = Views.Request(0, $"s{session}");
            int owner = router.Choose(request, Views.Idle(loads.Length));
            int chosen = router.Choose(request, Views.Of(loads));
            double bound = factor * (loads.Sum() + 1) / loads.Length;
            Assert.True(loads[chosen] <= bound);
            Assert.True(loads[owner] > bound || chosen == owner);
        }, iter: 100);

    [Fact]
    public void Without_a_label_the_first_tokens_of_the_prompt_are_hashed()
    {
        ReplicaView[] views = Views.Idle(8);
        int[] shared = [.. Enumerable.Range(0, 50).Select(i => _hash.Choose(Prompt(i, 256), views)).Distinct()];
        Assert.Single(shared);
        Assert.Equal(8, Enumerable.Range(0, 100).Select(i => _hash.Choose(Prompt(i, 255), views)).Distinct().Count());
        ConsistentHashRouter shorter = new(new ConsistentHashOptions(PrefixTokens: 255));
        Assert.Single(Enumerable.Range(0, 50).Select(i => shorter.Choose(Prompt(i, 255), views)).Distinct());

        static ClientRequest Prompt(long id, int sharedTokens) => Views.Request(
            id,
            null,
            new TokenSegment(TokenStream.Shared(1), sharedTokens),
            new TokenSegment(TokenStream.OwnOf(id), 50));
    }

    [Fact]
    public void Keys_are_the_same_on_every_platform() => Assert.Equal(
        "76c83f8e6eb0761d 93387fef220479f5",
        $"{RoutingKeys.OfText("session-1"):x16} {RoutingKeys.OfFirst(PromptContent.OwnOf(3, 9), 256):x16}");
}
