using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

public sealed class PredictedLatencyRouterTests
{
    private const long Ms = SimTime.TicksPerSecond / 1000;

    /// <summary>1 ms a step, 0.01 a prefill token, 0.1 a decode, 0.001 a context token.</summary>
    private static readonly AffineLatency Latency = new(Ms, Ms / 100, Ms / 10, Ms / 1000);

    /// <summary>The best, and no chance.</summary>
    private static readonly PredictedLatencyOptions Best = new(
        Picker: LlmdPicker.MaxScore, ExplorationProbability: 0, EpsilonExploreNeg: 0);

    private readonly Simulation _simulation = new();

    /// <summary>Idle: a step of 1 + 500 · 0.01; then 1 + 0.1 and a context of 500 and half of 40.</summary>
    [Fact]
    public void An_idle_replica_computes_the_prompt_at_once()
    {
        ReplicaView[] views = Replicas(1);
        PredictedLatencyRouter router = Router(new(ExpectedOutputTokens: 40));
        AssertPrediction(500, 6, 1.62, router.Predict(Prompt(0, 0, 500), views)[0]);
    }

    /// <summary>
    /// Two decode beside a waiting prompt of 2,000 tokens and this one of 500: chunks of 998, 998 and 504 in steps of
    /// 1,000. The two have contexts of 100 and half of 40 each, 0.24 ms.
    /// </summary>
    [Fact]
    public void Prompts_that_wait_come_first_and_decodes_take_their_share_of_each_step()
    {
        ReplicaView[] views = Replicas(1);
        PredictedLatencyRouter router = Router(new(ExpectedOutputTokens: 40));
        foreach (long id in new[] { 0, 1 })
        {
            Send(router, Prompt(id, 0, 100), views[0], views);
            views[0].OnFirstToken(Prompt(id, 0, 100));
        }

        Send(router, Prompt(2, 0, 2000), views[0], views);
        double beside = 1 + 0.2 + 0.24;
        AssertPrediction(
            500,
            (2 * (beside + 9.98)) + beside + 5.04,
            1 + 0.3 + 0.24 + 0.52,
            router.Predict(Prompt(3, 0, 500), views)[0]);
        views[0].OnEnded(Prompt(2, 0, 2000));
        AssertPrediction(
            500, beside + 5, 1 + 0.3 + 0.24 + 0.52, router.Predict(Prompt(3, 0, 500), views)[0]);
    }

    /// <summary>400 of 500 tokens were sent there: 100 are computed, which attend to the others.</summary>
    [Theory]
    [InlineData(31_250, 16, 100, 2.4)]
    [InlineData(31_250, 300, 200, 3.3)]
    [InlineData(20, 16, 180, 3.12)]
    [InlineData(0, 16, 500, 6)]
    public void What_was_sent_there_before_is_not_computed_again(int capacity, int block, int tokens, double ttft)
    {
        ReplicaView[] views = Replicas(2);
        PredictedLatencyRouter router = Router(new(LruCapacity: capacity, BlockTokens: block));
        ClientRequest before = Prompt(0, capacity == 20 ? 320 : 400, 0);
        Send(router, before, views[1], views);
        views[1].OnEnded(before);
        PredictedLatencyRouter.Prediction prediction = router.Predict(Prompt(1, 400, 100), views)[1];
        Assert.Equal((tokens, ttft), (prediction.PrefillTokens, Math.Round(prediction.TtftMs, 9)));
        Assert.Equal(500, router.Predict(Prompt(1, 400, 100), views)[0].PrefillTokens);
    }

    /// <summary>An idle replica whose steps are the same for any context does as is predicted.</summary>
    [Fact]
    public void The_prediction_for_an_idle_replica_comes_true() =>
        Gen.Select(Gen.Int[1, 900], Gen.Int[20, 300]).Sample(
            (tokens, budget) =>
            {
                Simulation simulation = new();
                ReplicaView[] views = Views.In(
                    simulation, 1, () => A.Parts(
                        A.Config(maxNumBatchedTokens: budget, maxNumSeqs: 8), Latency with { ContextToken = 0 }));
                PredictedLatencyRouter.Prediction prediction =
                    Router(new()).Predict(Prompt(0, 0, tokens), views)[0];
                Request request = A.Request(0, tokens, 3);
                views[0].Replica.Enqueue(request);
                while (simulation.Step())
                {
                }

                Assert.Equal(request.FirstToken!.Value.TotalMilliseconds, prediction.TtftMs, 1e-9);
                SimTime decoding = (request.Finished! - request.FirstToken)!.Value;
                Assert.Equal(decoding.TotalMilliseconds / 2, prediction.TpotMs, 1e-9);
            }, iter: 300);

    /// <summary>
    /// TTFT for a prompt of 100: 0 has 3,000 tokens waiting, 1 three decodes, 2 nothing. 36 (3 steps, 31 + 3 + …), 2.3
    /// and 2 ms; TPOT 1.1, 1.4 and 1.1 ms.
    /// </summary>
    [Theory]
    [InlineData(null, null, HeadroomRule.Least, 2)]
    [InlineData(2.5, null, HeadroomRule.Least, 1)]
    [InlineData(2.5, null, HeadroomRule.Most, 2)]
    [InlineData(100.0, null, HeadroomRule.Least, 0)]
    [InlineData(100.0, 1.2, HeadroomRule.Least, 0)]
    [InlineData(100.0, 1.2, HeadroomRule.Most, 2)]
    [InlineData(2.1, 1.5, HeadroomRule.Least, 2)]
    [InlineData(1.0, 1.0, HeadroomRule.Least, 2)]
    [InlineData(null, 1.45, HeadroomRule.Least, 1)]
    public void Within_the_limits_the_least_or_the_most_room_decides(
        double? ttft, double? tpot, HeadroomRule headroom, int chosen)
    {
        ReplicaView[] views = Replicas(3, Latency with { ContextToken = 0 });
        PredictedLatencyRouter router = Router(Best with { TtftMs = ttft, TpotMs = tpot, Headroom = headroom });
        Load(router, views);
        Assert.Equal(chosen, router.Choose(Prompt(99, 0, 100), views));
    }

    /// <summary>Two replicas: 0 is slow to the first token, 1 in each step; weights decide. Neither is idle.</summary>
    [Theory]
    [InlineData(0.8, 0.2, null, null, 1)]
    [InlineData(0.2, 0.8, null, null, 0)]
    [InlineData(0.8, 0.2, 1.0, 1.0, 1)]
    [InlineData(0.2, 0.8, 1.0, 1.0, 0)]
    [InlineData(1, 0, 1.0, 1.0, 1)]
    [InlineData(0, 1, 1.0, 1.0, 0)]
    public void Weights_say_which_latency_matters(
        double ttftWeight, double tpotWeight, double? ttft, double? tpot, int chosen)
    {
        ReplicaView[] views = Replicas(3, Latency with { ContextToken = 0 });
        PredictedLatencyRouter router = Router(Best with
        {
            TtftMs = ttft,
            TpotMs = tpot,
            TtftWeight = ttftWeight,
            TpotWeight = tpotWeight,
        });
        Load(router, views);
        Assert.Equal(chosen, router.Choose(Prompt(99, 0, 100), views[..2]));
    }

    [Fact]
    public void Beyond_the_limits_a_replica_without_requests_comes_first()
    {
        Simulation simulation = new();
        int made = 0;
        ReplicaView[] views = Views.In(
            simulation, 2, () => A.Parts(A.Config(), made++ == 0 ? Latency : new AffineLatency(100 * Ms)));
        PredictedLatencyRouter router = Router(Best with { TtftMs = 0.5 });
        Assert.Equal(0, router.Choose(Prompt(0, 0, 10), views));
        views[0].Outstanding = 1;
        Assert.Equal(1, router.Choose(Prompt(1, 0, 10), views));
        views[1].Outstanding = 1;
        Assert.Equal(0, router.Choose(Prompt(2, 0, 10), views));
    }

    /// <summary>
    /// A prefilled request is sent when its decode replica pulls: others were chosen for since, and that replica may
    /// have left. 100 of its 500 tokens wait there, so that a prompt of 10 has its first token after 1 + 1.1 ms.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_sent_late_counts_for_its_own_prompt_although_its_replica_has_left(int left)
    {
        ReplicaView[] views = Replicas(2);
        PredictedLatencyRouter router = Router(Best);
        Send(router, Prompt(0, 400, 0), views[1], views);
        views[1].OnEnded(Prompt(0, 400, 0));
        ClientRequest late = Prompt(1, 400, 100);
        Assert.Equal(1, router.Choose(late, views));
        router.Choose(Prompt(2, 0, 700), views[..left]);
        router.Sent(late, views[1]);
        Assert.Equal(2.1, router.Predict(Prompt(3, 0, 10), views)[1].TtftMs, 1e-9);
    }

    /// <summary>
    /// Replica 1 was sent 400 of the prompt's tokens, which are 25 blocks, and 1,000 tokens wait there; 0 is idle. A
    /// prompt of 404 has all 25 blocks there: TTFT 11 + 1.04 ms there and 5.04 elsewhere. One of 500 has 25 of 31
    /// there: 13 and 6. One of 520 has 25 of 32, less than 0.8.
    /// </summary>
    [Theory]
    [InlineData(4, null, 8, 0.99, 1)]
    [InlineData(4, null, 6, 0.99, 0)]
    [InlineData(4, null, 0, 0.99, 1)]
    [InlineData(4, 10.0, 8, 0.99, 1)]
    [InlineData(4, 10.0, 6, 0.99, 0)]
    [InlineData(4, 10.0, 8, 0, 0)]
    [InlineData(100, null, 8, 0.99, 1)]
    [InlineData(100, null, 6, 0.99, 0)]
    [InlineData(100, 10.0, 8, 0.99, 0)]
    [InlineData(100, 10.0, 8, 0.8, 1)]
    [InlineData(120, null, 8, 0.99, 0)]
    public void Who_has_the_prompt_is_kept_alone_strictly_before_and_loosely_after_the_limits(
        int own, double? ttft, double penalty, double strict, int chosen)
    {
        ReplicaView[] views = Replicas(2);
        PredictedLatencyRouter router = Router(
            Best with { TtftMs = ttft, MaxTtftPenaltyMs = penalty, StrictAffinityThreshold = strict });
        LoadWithPrompt(router, views);
        Assert.Equal(chosen, router.Choose(Prompt(2, 400, own), views));
    }

    /// <summary>As above; whether the prompt is there is looked at twice, and 0.2 · 0.2 of all skip both.</summary>
    [Theory]
    [InlineData(0.2, 800)]
    [InlineData(0, 0)]
    [InlineData(1, 20_000)]
    public void Seldom_it_does_not_matter_who_has_the_prompt(double exploration, int expected)
    {
        ReplicaView[] views = Replicas(2);
        PredictedLatencyRouter router = Router(Best with { ExplorationProbability = exploration });
        LoadWithPrompt(router, views);
        Assert.InRange(CountsOf(router, views, id => Prompt(id, 400, 4))[0], expected * 0.9, expected * 1.1);
    }

    /// <summary>A prompt of 404 that nobody knows: 5.04 ms on replica 0 and 11 + 5.04 on 1.</summary>
    [Theory]
    [InlineData(10, 200)]
    [InlineData(3, 0)]
    [InlineData(20, 20_000)]
    public void Seldom_one_beyond_the_limits_is_chosen_although_others_keep_them(double ttft, int expected)
    {
        ReplicaView[] views = Replicas(2);
        PredictedLatencyRouter router = Router(Best with { TtftMs = ttft, EpsilonExploreNeg = 0.01 });
        LoadWithPrompt(router, views);
        Assert.InRange(CountsOf(router, views, id => Prompt(id, 0, 404))[1], expected * 0.75, expected * 1.25);
    }

    /// <summary>TTFT 36, 2.3 and 2 ms of 100: scores 1.01, 0.01 and 0.01.</summary>
    [Fact]
    public void By_default_one_is_drawn_by_the_scores()
    {
        ReplicaView[] views = Replicas(3, Latency with { ContextToken = 0 });
        PredictedLatencyRouter router = Router(new(TtftMs: 100));
        Load(router, views);
        int[] counts = CountsOf(router, views, id => Prompt(id, 0, 100));
        Assert.InRange(counts[0], 19_550, 19_670);
        Assert.InRange(counts[1], 140, 250);
    }

    [Fact]
    public void Weights_of_nothing_are_told() => Assert.Contains(
        new PredictedLatencyOptions(TtftWeight: 0, TpotWeight: 0).Problems(),
        p => p.Problem.Contains("not both weights 0"));

    private static void Load(PredictedLatencyRouter router, ReplicaView[] views)
    {
        Send(router, Prompt(0, 0, 3000), views[0], views);
        foreach (long id in new[] { 1, 2, 3 })
        {
            Send(router, Prompt(id, 0, 10), views[1], views);
            views[1].OnFirstToken(Prompt(id, 0, 10));
        }
    }

    private static void LoadWithPrompt(PredictedLatencyRouter router, ReplicaView[] views)
    {
        Send(router, Prompt(0, 400, 0), views[1], views);
        views[1].OnFirstToken(Prompt(0, 400, 0));
        views[1].OnEnded(Prompt(0, 400, 0));
        Send(router, Prompt(1, 0, 1000), views[1], views);
    }

    private static int[] CountsOf(
        PredictedLatencyRouter router, ReplicaView[] views, Func<long, ClientRequest> requestOf)
    {
        int[] counts = new int[views.Length];
        for (long id = 100; id < 20_100; id++)
        {
            counts[router.Choose(requestOf(id), views)]++;
        }

        return counts;
    }

    private static PredictedLatencyRouter Router(PredictedLatencyOptions options) => new(options, Views.Context());

    private static void Send(
        PredictedLatencyRouter router, ClientRequest request, ReplicaView replica, ReplicaView[] replicas)
    {
        router.Choose(request, replicas);
        router.Sent(request, replica);
        replica.OnSent(request);
    }

    private static void AssertPrediction(
        int tokens, double ttft, double tpot, PredictedLatencyRouter.Prediction prediction)
    {
        Assert.Equal(tokens, prediction.PrefillTokens);
        Assert.Equal(ttft, prediction.TtftMs, 1e-9);
        Assert.Equal(tpot, prediction.TpotMs, 1e-9);
    }

    private static ClientRequest Prompt(long id, int shared, int own)
    {
        TokenSegment[] segments =
            [new TokenSegment(TokenStream.Shared(0), shared), new TokenSegment(TokenStream.OwnOf(id), own)];
        return Views.Request(id, null, [.. segments.Where(s => s.Tokens > 0)]);
    }

    private ReplicaView[] Replicas(int count, AffineLatency? latency = null) => Views.In(
        _simulation, count, () => A.Parts(A.Config(maxNumBatchedTokens: 1000), latency ?? Latency));
}
