using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

public sealed class SglangCacheAwareRouterTests
{
    /// <summary>
    /// 70 more than the lowest is more than 64, and 100 more than 1.5 · 30; 60 more than none is not more than 64.
    /// Replica 0 was sent the prompt before.
    /// </summary>
    [Theory]
    [InlineData(100, 30, 1)]
    [InlineData(100, 70, 0)]
    [InlineData(60, 0, 0)]
    [InlineData(65, 0, 1)]
    [InlineData(64, 0, 0)]
    public void Where_loads_differ_too_much_the_lowest_wins_and_else_the_prefix_decides(
        int first, int second, int chosen)
    {
        SglangCacheAwareRouter router = new(new());
        router.Sent(Prompt(0, 100, 0), Views.Of(0, 0)[0]);
        Assert.Equal(chosen, router.Choose(Prompt(1, 100, 0), Views.Of(first, second)));
    }

    /// <summary>With smg's 32 and 1.1: 43 - 11 = 32 is not more; 44 - 11 is, and 44 more than 12.1.</summary>
    [Theory]
    [InlineData(43, 11, 0)]
    [InlineData(44, 11, 1)]
    [InlineData(400, 364, 0)]
    [InlineData(402, 365, 1)]
    public void The_gateways_own_thresholds_are_tighter(int first, int second, int chosen)
    {
        SglangCacheAwareRouter router = new(new(SglangDefaults.Smg));
        router.Sent(Prompt(0, 100, 0), Views.Of(0, 0)[0]);
        Assert.Equal(chosen, router.Choose(Prompt(1, 100, 0), Views.Of(first, second)));
    }

    /// <summary>30 of 100 tokens are not more than 0.3 of them; 31 are. 50 and 51 likewise with smg's 0.5.</summary>
    [Theory]
    [InlineData(SglangDefaults.Python, 30, 1)]
    [InlineData(SglangDefaults.Python, 31, 0)]
    [InlineData(SglangDefaults.Smg, 50, 1)]
    [InlineData(SglangDefaults.Smg, 51, 0)]
    public void A_prompt_follows_another_that_has_more_than_the_threshold_of_it(
        SglangDefaults defaults, int shared, int chosen)
    {
        SglangCacheAwareRouter router = new(new(defaults));
        router.Sent(Prompt(0, 100, 0), Views.Of(0, 0)[0]);
        Assert.Equal(chosen, router.Choose(Prompt(1, shared, 100 - shared), Views.Of(1, 0)));
    }

    [Fact]
    public void Each_option_overrides_its_default()
    {
        SglangCacheAwareOptions filled = new SglangCacheAwareOptions(SglangDefaults.Smg, CacheThreshold: 0.7).Filled();
        Assert.Equal((0.7, 32, 1.1, 10_000L), (
            filled.CacheThreshold, filled.BalanceAbsThreshold, filled.BalanceRelThreshold, filled.MaxTreeSize));
        Assert.Equal((SimTime.FromSeconds(30), UnmatchedPrompts.LeastLoaded), (
            filled.EvictionInterval!.Value, filled.Unmatched!.Value));
        filled = new SglangCacheAwareOptions().Filled();
        Assert.Equal((0.3, 64, 1.5, 67_108_864L), (
            filled.CacheThreshold, filled.BalanceAbsThreshold, filled.BalanceRelThreshold, filled.MaxTreeSize));
        Assert.Equal((SimTime.FromSeconds(120), UnmatchedPrompts.SmallestTree), (
            filled.EvictionInterval!.Value, filled.Unmatched!.Value));

        ReplicaView[] views = Views.Of(5, 3);
        SglangCacheAwareRouter strict = new(new(BalanceAbsThreshold: 1, BalanceRelThreshold: 1));
        SglangCacheAwareRouter loose = new(new(BalanceAbsThreshold: 1, BalanceRelThreshold: 2));
        strict.Sent(Prompt(0, 100, 0), views[0]);
        loose.Sent(Prompt(0, 100, 0), views[0]);
        Assert.Equal((1, 0), (
            strict.Choose(Prompt(1, 100, 0), views), loose.Choose(Prompt(1, 100, 0), views)));
    }

    [Fact]
    public void A_prompt_of_its_own_goes_to_the_smallest_tree_or_to_the_least_loaded()
    {
        ReplicaView[] views = Views.Of(0, 2, 1);
        SglangCacheAwareRouter tree = new(new());
        SglangCacheAwareRouter load = new(new(Unmatched: UnmatchedPrompts.LeastLoaded));
        foreach (SglangCacheAwareRouter router in new[] { tree, load })
        {
            router.Sent(Prompt(0, 0, 100), views[0]);
            router.Sent(Prompt(1, 0, 10), views[1]);
            router.Sent(Prompt(2, 0, 50), views[2]);
        }

        Assert.Equal((1, 0), (tree.Choose(Prompt(3, 0, 9), views), load.Choose(Prompt(3, 0, 9), views)));
    }

    /// <summary>Of equal loads smg takes the replica that was sent fewer requests, Python's router the first.</summary>
    [Fact]
    public void Ties_go_as_stated()
    {
        ReplicaView[] views = Views.Of(1, 1, 1);
        SglangCacheAwareRouter smg = new(new(SglangDefaults.Smg));
        SglangCacheAwareRouter python = new(new(Unmatched: UnmatchedPrompts.LeastLoaded));
        foreach (SglangCacheAwareRouter router in new[] { smg, python })
        {
            router.Sent(Prompt(0, 100, 0), views[0]);
            router.Sent(Prompt(1, 100, 0), views[2]);
        }

        Assert.Equal((1, 0), (smg.Choose(Prompt(2, 0, 9), views), python.Choose(Prompt(2, 0, 9), views)));
        Assert.Equal(0, smg.Choose(Prompt(3, 100, 0), views));
        views[0].Outstanding = 2;
        Assert.Equal(2, smg.Choose(Prompt(3, 100, 0), views));
    }

    [Fact]
    public void A_holder_that_cannot_be_chosen_is_passed_over()
    {
        ReplicaView[] views = Views.Of(0, 0, 0);
        SglangCacheAwareRouter router = new(new());
        router.Sent(Prompt(0, 100, 0), views[1]);
        Assert.Equal(1, router.Choose(Prompt(1, 100, 0), views));
        Assert.Equal(0, router.Choose(Prompt(1, 100, 0), [views[2], views[0]]));
    }

    /// <summary>40 characters of 4 to a token: ten tokens stay, looked at every 10 s.</summary>
    [Theory]
    [InlineData(9.9, 0L, 4.0, 1)]
    [InlineData(10.0, 0L, 4.0, 0)]
    [InlineData(10.0, 400L, 4.0, 1)]
    [InlineData(10.0, 399L, 4.0, 0)]
    [InlineData(10.0, 399L, 3.9, 1)]
    public void The_tree_is_cut_to_its_size_at_multiples_of_the_interval(
        double second, long size, double characters, int chosen)
    {
        Simulation simulation = new();
        ReplicaView[] views = Views.In(simulation, 1, 0);
        SglangCacheAwareRouter router = new(new(
            EvictionInterval: SimTime.FromSeconds(10), MaxTreeSize: size, CharsPerToken: characters,
            Unmatched: UnmatchedPrompts.LeastLoaded));
        simulation.Schedule(
            new SimEvent(simulation.AddSource("send"), Phase.Arrival, () => router.Sent(Prompt(0, 100, 0), views[1])),
            SimTime.FromSeconds(1));
        int? choice = null;
        views[1].Outstanding = 2;
        simulation.Schedule(
            new SimEvent(
                simulation.AddSource("choose"), Phase.Arrival, () => choice = router.Choose(Prompt(1, 100, 0), views)),
            SimTime.FromSeconds(second));
        simulation.RunUntil(SimTime.FromSeconds(2000));
        Assert.Equal(chosen, choice);
    }

    [Fact]
    public void With_an_interval_of_nothing_the_tree_is_never_cut()
    {
        Simulation simulation = new();
        ReplicaView[] views = Views.In(simulation, 1, 2);
        SglangCacheAwareRouter router = new(new(
            EvictionInterval: SimTime.Zero, MaxTreeSize: 0, Unmatched: UnmatchedPrompts.LeastLoaded));
        router.Sent(Prompt(0, 100, 0), views[1]);
        int? choice = null;
        simulation.Schedule(
            new SimEvent(
                simulation.AddSource("choose"), Phase.Arrival, () => choice = router.Choose(Prompt(1, 100, 0), views)),
            SimTime.FromSeconds(1000));
        simulation.RunUntil(SimTime.FromSeconds(2000));
        Assert.Equal(1, choice);
    }

    [Fact]
    public void It_sees_text_and_no_cache_salt()
    {
        ReplicaView[] views = Views.Of(1, 2);
        SglangCacheAwareRouter router = new(new(Unmatched: UnmatchedPrompts.LeastLoaded));
        ClientRequest plain = Prompt(0, 100, 0);
        router.Sent(plain, views[1]);
        Assert.Equal(1, router.Choose(plain with { Prompt = plain.Prompt.WithSalt(1) }, views));
    }

    /// <summary>Shared tokens, then tokens of its own.</summary>
    private static ClientRequest Prompt(long id, int shared, int own)
    {
        TokenSegment[] segments =
            [new TokenSegment(TokenStream.Shared(0), shared), new TokenSegment(TokenStream.OwnOf(id), own)];
        return Views.Request(id, null, [.. segments.Where(s => s.Tokens > 0)]);
    }
}
