using ServingSim.Cluster;
using ServingSim.Cluster.Admission;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster.Routing;
using ServingSim.Tests.Engine;
using Xunit;

namespace ServingSim.Tests.Cluster.Admission;

/// <summary>
/// Steps of at most 100 tokens that take 10 ticks, 1 more for each prefill token, 5 for each decode and 1 for every two
/// tokens of their contexts.
/// </summary>
public sealed class EarlyRejectionTests
{
    /// <summary>150 tokens wait, 60 come: two steps of 100 (110 each) and one of 10 (20).</summary>
    [Theory]
    [InlineData(240, null)]
    [InlineData(239, "early_ttft")]
    public void Ttft_is_that_of_all_prompts_that_wait_and_its_own_in_full_steps(long limit, string? reason)
    {
        ReplicaView view = Idle();
        Send(view, 100, 50);
        Assert.Equal(reason, Ask(new EarlyRejectionOptions(default, Ttft: new SimTime(limit)), view, 60));
    }

    /// <summary>
    /// Two decode with 30 and 50 tokens: beside them steps have room for 98, and take 10 more for them and 80 for their
    /// contexts. 200 tokens are two steps of 98 (10 + 98 + 10 + 80) and one of 4 (10 + 4 + 10 + 80).
    /// </summary>
    [Fact]
    public void Those_that_decode_take_their_part_of_every_step()
    {
        ReplicaView view = Idle();
        Send(view, 30, 50);
        view.OnFirstToken(Views.Request(0, null, Own(30)));
        view.OnFirstToken(Views.Request(0, null, Own(50)));
        EarlyRejection policy = new(new EarlyRejectionOptions(default));
        Assert.Equal((2 * 198) + 104, policy.TtftOf(Of(view, 200), 0).Ticks);
    }

    /// <summary>
    /// 48 tokens are cached, three blocks. A prompt of them and 20 others: 20 are computed, which attend to the 48
    /// (10 + 20 + 48); the next waits for those of the first (40), the third for those of both (60), and one of 9 that
    /// shares nothing for all 60 (10 + 69). When the first has its first token, 40 wait and one decodes beside, with
    /// its whole prompt (5 + 68). Of a prompt of nothing but what is cached the last block is computed (10 + 16 + 32).
    /// </summary>
    [Fact]
    public void What_is_cached_there_is_not_computed_of_its_own_prompt_nor_of_those_that_wait()
    {
        Simulation simulation = new();
        ReplicaView view = Of(simulation, 1)[0];
        PromptContent shared = PromptContent.Of(new TokenSegment(TokenStream.Shared(0), 48));
        view.Replica.Enqueue(new Request(new RequestId(99, 0), shared, OutputLength.Of(1), default));
        while (simulation.Step())
        {
        }

        EarlyRejection policy = new(new EarlyRejectionOptions(default, Ttft: new SimTime(1000)));
        AssertTtft(policy, view, 10 + 16 + 32, Views.Request(9, null, [.. shared.Segments]));
        AssertTtft(policy, view, 10 + 20 + 48, After(0));
        LetIn(policy, view, After(0));
        AssertTtft(policy, view, 10 + 40 + 48, After(1));
        LetIn(policy, view, After(1));
        AssertTtft(policy, view, 10 + 60 + 48, After(2));
        LetIn(policy, view, After(2));
        AssertTtft(policy, view, 10 + 69, Views.Request(3, null, Own(9)));
        view.OnFirstToken(After(0));
        AssertTtft(policy, view, 10 + 49 + 5 + 68, Views.Request(3, null, Own(9)));
        view.OnFailed(After(1), isPrefill: true);
        AssertTtft(policy, view, 10 + 29 + 5 + 68, Views.Request(3, null, Own(9)));

        ClientRequest After(long id) => Views.Request(
            id, null, [.. shared.Segments, new TokenSegment(TokenStream.OwnOf(id), 20)]);
    }

    /// <summary>Without a prefix cache nothing is, whatever was there before.</summary>
    [Fact]
    public void Without_a_prefix_cache_all_of_a_prompt_is_computed()
    {
        ReplicaView view = Of(new Simulation(), 1, caching: false)[0];
        EarlyRejection policy = new(new EarlyRejectionOptions(default, Ttft: new SimTime(1000)));
        ClientRequest request = Views.Request(0, null, new TokenSegment(TokenStream.Shared(0), 48));
        LetIn(policy, view, request);
        AssertTtft(policy, view, 10 + 96, request);
    }

    private static void AssertTtft(EarlyRejection policy, ReplicaView view, long ticks, ClientRequest request)
    {
        int cached = policy.CachedTokens(request, view);
        Assert.Equal(ticks, policy.TtftOf(new Applicant(request, default, view, [view], []), cached).Ticks);
    }

    private static void LetIn(EarlyRejection policy, ReplicaView view, ClientRequest request)
    {
        Assert.Null(policy.ReasonToRefuse(new Applicant(request, default, view, [view], [])));
        view.OnSent(request);
    }

    /// <summary>Two decode and one waits: with it, three decode with 30, 50 and 61 tokens: 10 + 15 + 141.</summary>
    [Theory]
    [InlineData(166, null)]
    [InlineData(165, "early_tbt")]
    public void Tbt_is_that_of_a_step_with_those_that_decode_now(long limit, string? reason) =>
        Assert.Equal(reason, Ask(new EarlyRejectionOptions(default, Tbt: new SimTime(limit)), Busy(), 60));

    /// <summary>
    /// Its first token comes in 10 + 100 + 10 + 80 = 200 (40 wait and 60 come, beside two that decode: 98 and 2, so
    /// 198 + 102 = 300). Of a decode time of 400, 100 are left then: a quarter of those that decode now will, that is
    /// half of one and so one, with 20 tokens; the one that waits has decoded for less than 300 and goes on, with its
    /// 40. So two decode beside it: 10 + 15 + 20 + 40 + 61.
    /// </summary>
    [Theory]
    [InlineData(146, null)]
    [InlineData(145, "early_tbt")]
    public void Tbt_can_be_that_of_a_step_at_the_end_of_its_prefill(long limit, string? reason) => Assert.Equal(
        reason,
        Ask(
            new EarlyRejectionOptions(
                new SimTime(400), Tbt: new SimTime(limit), DecodeLoad: DecodeLoad.Predicted), Busy(), 60));

    /// <summary>The less loaded of two decode replicas counts; half of what is prefilled comes to each.</summary>
    [Theory]
    [InlineData(DecodeLoad.Now, 86, null)]
    [InlineData(DecodeLoad.Now, 85, "early_tbt")]
    [InlineData(DecodeLoad.Predicted, 101, null)]
    [InlineData(DecodeLoad.Predicted, 100, "early_tbt")]
    public void Where_others_decode_their_load_counts(DecodeLoad load, long limit, string? reason)
    {
        ReplicaView[] views = Of(3);
        Send(views[0], 10, 10);
        DecodeOn(views[1], 500);
        DecodeOn(views[2], 5);
        EarlyRejection policy = new(new EarlyRejectionOptions(
            SimTime.FromSeconds(1), Tbt: new SimTime(limit), DecodeLoad: load));
        Assert.Equal(reason, policy.ReasonToRefuse(Of(views[0], 60) with { DecodeReplicas = views[1..] }));
    }

    [Fact]
    public void Both_limits_can_be_set_and_ttft_is_told_first()
    {
        EarlyRejectionOptions options = new(default, new SimTime(1), new SimTime(1));
        Assert.Equal("early_ttft", Ask(options, Idle(), 10));
        Assert.Equal("early_tbt", Ask(options with { Ttft = SimTime.FromSeconds(9) }, Idle(), 10));
    }

    private static ReplicaView Busy()
    {
        ReplicaView view = Idle();
        DecodeOn(view, 30, 50);
        Send(view, 40);
        return view;
    }

    private static void Send(ReplicaView view, params int[] prompts)
    {
        foreach (int tokens in prompts)
        {
            view.OnSent(Views.Request(0, null, Own(tokens)));
        }
    }

    private static void DecodeOn(ReplicaView view, params int[] prompts)
    {
        Send(view, prompts);
        foreach (int tokens in prompts)
        {
            view.OnFirstToken(Views.Request(0, null, Own(tokens)));
        }
    }

    private static string? Ask(EarlyRejectionOptions options, ReplicaView view, int tokens) =>
        new EarlyRejection(options).ReasonToRefuse(Of(view, tokens));

    private static Applicant Of(ReplicaView view, int tokens) =>
        new(Views.Request(0, null, Own(tokens)), default, view, [view], []);

    private static TokenSegment Own(int tokens) => new(TokenStream.OwnOf(0), tokens);

    private static ReplicaView Idle() => Of(1)[0];

    private static ReplicaView[] Of(int replicas) => Of(new Simulation(), replicas);

    private static ReplicaView[] Of(Simulation simulation, int replicas, bool caching = true)
    {
        PoolSpec spec = new("main", PoolRole.Mixed, replicas, () => A.Parts(
            A.Config(maxNumBatchedTokens: 100, maxNumSeqs: 50) with { EnablePrefixCaching = caching },
            new AffineLatency(10, 1, 5, 1)));
        return [.. new Pool(simulation, spec, 0, false, _ => new RecordingObserver()).Views];
    }
}
