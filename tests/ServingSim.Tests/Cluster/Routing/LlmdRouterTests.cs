using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

public sealed class LlmdRouterTests
{
    private static readonly LlmdOptions None = new(0, 0, 0);

    /// <summary>
    /// Queues 0, 5, 10 give 1, 0.5, 0; usages 0.2, 0.5, 0.9 give 0.8, 0.5, 0.1; 8 of 10 blocks were sent to the second:
    /// with weights 2, 2 and 3 that is 3.6, 4.4 and 0.2.
    /// </summary>
    [Fact]
    public void Scores_of_queue_kv_cache_and_prefix_are_weighted_and_added()
    {
        ReplicaView[] views = Views.Telling(
            new ReplicaGauges(0, 0, 0.2), new ReplicaGauges(5, 0, 0.5), new ReplicaGauges(10, 0, 0.9));
        LlmdRouter router = new(new LlmdOptions(), Views.Context());
        router.Sent(Prompt(0, 128, 0), views[1]);
        AssertScores([3.6, 4.4, 0.2], router.Scores(Prompt(1, 128, 32), views));
        Assert.Equal(1, router.Choose(Prompt(1, 128, 32), views));
    }

    public static TheoryData<LlmdOptions, double[]> Each => new()
    {
        { None with { QueueWeight = 1 }, [1, 0.75, 0] },
        { None with { KvCacheWeight = 3 }, [1.5, 3, 2.25] },
        { None with { RunningWeight = 2 }, [0, 2, 1] },
        { None with { LoadAwareWeight = 1 }, [0.5, 0.375, 0] },
        { None with { ActiveRequestWeight = 1 }, [0.75, 0, 1] },
        { None with { TokenLoadWeight = 1 }, [1 - (100 / 4_194_304.0), 0, 1] },
    };

    [Theory]
    [MemberData(nameof(Each))]
    public void Each_scorer_counts_by_its_weight(LlmdOptions options, double[] scores)
    {
        ReplicaView[] views = Views.Telling(
            new ReplicaGauges(0, 8, 0.5), new ReplicaGauges(32, 0, 0), new ReplicaGauges(128, 4, 0.25));
        (views[0].Outstanding, views[1].Outstanding) = (1, 4);
        (views[0].OutstandingPromptTokens, views[1].OutstandingPromptTokens) = (100, 5_000_000);
        LlmdRouter router = new(options, Views.Context());
        AssertScores(scores, router.Scores(Prompt(0, 16, 0), views));
    }

    [Fact]
    public void Equal_gauges_score_alike_and_none_in_flight_is_1()
    {
        ReplicaView[] views = Views.Telling(new ReplicaGauges(300, 7, 1), new ReplicaGauges(300, 7, 1));
        LlmdRouter router = new(
            None with { QueueWeight = 1, RunningWeight = 2, ActiveRequestWeight = 4 }, Views.Context());
        AssertScores([7, 7], router.Scores(Prompt(0, 16, 0), views));
    }

    [Fact]
    public void A_session_has_an_affinity_to_the_replica_that_its_last_request_was_sent_to()
    {
        ReplicaView[] views = Views.Idle(3);
        LlmdRouter router = new(None with { SessionAffinityWeight = 2 }, Views.Context());
        router.Sent(Views.Request(0, "a"), views[2]);
        router.Sent(Views.Request(1, "a"), views[1]);
        router.Sent(Views.Request(2), views[0]);
        AssertScores([0, 2, 0], router.Scores(Views.Request(3, "a"), views));
        AssertScores([0, 0, 0], router.Scores(Views.Request(4, "b"), views));
        AssertScores([0, 0, 0], router.Scores(Views.Request(5), views));
        LlmdRouter other = new(
            None with { SessionAffinityWeight = 1, SessionLabel = "user" }, Views.Context());
        other.Sent(Views.Request(0, "a"), views[2]);
        AssertScores([0, 0, 0], other.Scores(Views.Request(3, "a"), views));
    }

    /// <summary>Of 100 tokens in blocks of 20, at most 4 looked at, 40 were sent before.</summary>
    [Fact]
    public void A_prefix_scores_by_its_share_of_the_blocks_that_are_looked_at()
    {
        ReplicaView[] views = Views.Idle(2);
        LlmdRouter router = new(
            None with { PrefixWeight = 1, BlockTokens = 20, MaxPrefixBlocks = 4, LruCapacity = 2 }, Views.Context());
        router.Sent(Prompt(0, 40, 0), views[1]);
        AssertScores([0, 0.5], router.Scores(Prompt(1, 40, 60), views));
        AssertScores([0, 0], router.Scores(Prompt(2, 19, 0), views));
        router.Sent(Prompt(3, 0, 20), views[1]);
        AssertScores([0, 0], router.Scores(Prompt(4, 40, 60), views));
    }

    [Fact]
    public void Precise_prefixes_are_those_that_replicas_hold()
    {
        Simulation simulation = new();
        ReplicaView[] views = Views.In(simulation, 0, 0);
        LlmdRouter router = new(
            None with { PrefixWeight = 1, Prefix = LlmdPrefix.Precise }, Views.Context());
        PromptContent prompt = Prompt(0, 64, 0).Prompt;
        views[0].Replica.Enqueue(new Request(new RequestId(0, 0), prompt, OutputLength.Of(1), default));
        while (simulation.Step())
        {
        }

        router.Sent(Prompt(0, 64, 0), views[1]);
        AssertScores([0.5, 0], router.Scores(Prompt(1, 64, 64), views));
    }

    [Fact]
    public void The_highest_score_is_picked_and_ties_are_drawn_for_the_request()
    {
        Assert.Equal([0, 20_000, 0, 0], Counts(LlmdPicker.MaxScore, 1, 3, 2, 0));
        Assert.All(Counts(LlmdPicker.MaxScore, 0, 0, 0, 0), c => Assert.InRange(c, 4_700, 5_300));
        int[] two = Counts(LlmdPicker.MaxScore, 2, 3, 1, 3);
        Assert.Equal((0, 0), (two[0], two[2]));
        Assert.InRange(two[1], 9_600, 10_400);
    }

    [Fact]
    public void Weighted_picks_are_in_proportion_to_scores_and_random_ones_are_not()
    {
        int[] counts = Counts(LlmdPicker.WeightedRandom, 1, 0, 3, 4);
        Assert.Equal(0, counts[1]);
        Assert.InRange(counts[0], 2_300, 2_700);
        Assert.InRange(counts[2], 7_200, 7_800);
        Assert.All(Counts(LlmdPicker.WeightedRandom, 0, 0, 0, 0), c => Assert.InRange(c, 4_700, 5_300));
        Assert.All(Counts(LlmdPicker.Random, 1, 0, 3, 4), c => Assert.InRange(c, 4_700, 5_300));
    }

    private static int[] Counts(LlmdPicker picker, params double[] scores)
    {
        int[] counts = new int[scores.Length];
        for (int id = 0; id < 20_000; id++)
        {
            counts[LlmdRouter.Pick(scores, picker, new RandomStreams(1).Stream("router").At(id))]++;
        }

        return counts;
    }

    private static void AssertScores(double[] expected, IReadOnlyList<double> scores)
    {
        Assert.Equal(expected.Length, scores.Count);
        Assert.All(expected.Zip(scores), p => Assert.Equal(p.First, p.Second, 1e-12));
    }

    private static ClientRequest Prompt(long id, int shared, int own)
    {
        TokenSegment[] segments =
            [new TokenSegment(TokenStream.Shared(0), shared), new TokenSegment(TokenStream.OwnOf(id), own)];
        return Views.Request(id, null, [.. segments.Where(s => s.Tokens > 0)]);
    }
}
