using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

public sealed class DynamoKvRouterTests
{
    private static readonly SimTime Ttl = SimTime.FromSeconds(120);

    /// <summary>
    /// A prompt of 160 tokens. Replica 0 was sent its first 5 blocks and uses 15 others: 5 to prefill and 20 in use
    /// with it; replica 1 uses 2: 10 and 12. 25 and 22; with weight 2, 30 and 32.
    /// </summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public void The_weight_says_what_a_block_to_prefill_is_worth_beside_one_in_use(double weight, int chosen)
    {
        Routed routed = new(new DynamoKvOptions(Ttl, weight, UseKvEvents: false), 2);
        routed.Send(Prompt(0, 80, 160), 0);
        routed.Send(Prompt(1, 0, 32), 1);
        routed.FirstToken(0);
        routed.FirstToken(1);
        Assert.Equal(chosen, routed.Choose(Prompt(2, 80, 80)));
    }

    [Fact]
    public void Without_temperature_the_lowest_cost_wins_also_among_negative_ones()
    {
        Assert.Equal(1, DynamoKvRouter.Pick([5, 3, 7, 3.5], 0, Draw(1)));
        Assert.Equal(2, DynamoKvRouter.Pick([-5, -3, -7, -3.5], 0, Draw(1)));
        int[] counts = new int[4];
        for (int id = 0; id < 30_000; id++)
        {
            counts[DynamoKvRouter.Pick([3, 5, 3, 3], 0, Draw(id))]++;
        }

        Assert.Equal(0, counts[1]);
        Assert.All(new[] { counts[0], counts[2], counts[3] }, c => Assert.InRange(c, 9_700, 10_300));
    }

    /// <summary>Costs 5, 3, 7 are 0.5, 0, 1 of their range above the lowest; weights e^(−x / 0.5).</summary>
    [Fact]
    public void With_temperature_a_choice_is_drawn_by_costs_over_their_range()
    {
        double[] weights = [Math.Exp(-1), 1, Math.Exp(-2)];
        int[] counts = new int[3];
        for (int id = 0; id < 60_000; id++)
        {
            counts[DynamoKvRouter.Pick([5, 3, 7], 0.5, Draw(id))]++;
        }

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(weights[i] / weights.Sum(), counts[i] / 60_000.0, 0.01);
        }

        Assert.Equal(DynamoKvRouter.Pick([4, 4, 4], 0, Draw(5)), DynamoKvRouter.Pick([4, 4, 4], 0.5, Draw(5)));
    }

    [Fact]
    public void Prompts_that_wait_for_their_first_token_count_until_it_comes()
    {
        Routed routed = new(
            new DynamoKvOptions(Ttl, UseKvEvents: false, RouterTrackActiveBlocks: false), 2);
        routed.Send(Prompt(0, 0, 64), 0);
        routed.Send(Prompt(1, 0, 32), 1);
        Assert.Equal(1, routed.Choose(Prompt(2, 0, 16)));
        routed.FirstToken(0);
        Assert.Equal(0, routed.Choose(Prompt(3, 0, 16)));
    }

    /// <summary>
    /// Two requests of one prompt on replica 0, one of 3 blocks on replica 1; blocks in use decide alone: 4 and 4 + 3
    /// with reuse (4 of replica 0 and the prompt's 4 are the same), without 8 + 4 and 3 + 4.
    /// </summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void Shared_blocks_are_counted_once_if_reuse_is_assumed(bool reuse, int chosen)
    {
        Routed routed = new(
            new DynamoKvOptions(Ttl, OverlapScoreWeight: 0, UseKvEvents: false, RouterAssumeKvReuse: reuse), 2);
        routed.Send(Prompt(0, 64, 0), 0);
        routed.Send(Prompt(1, 64, 0), 0);
        routed.Send(Prompt(2, 0, 48), 1);
        Assert.Equal(chosen, routed.Choose(Prompt(3, 64, 0)));
        routed.End(0);
        routed.End(1);
        Assert.Equal(0, routed.Choose(Prompt(4, 64, 0)));
    }

    /// <summary>
    /// A prefilled request is sent when its decode replica pulls: others were chosen for since, and that replica may
    /// have left. Of 64 tokens it had been sent 32, of the other's nothing.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_sent_late_counts_for_its_own_prompt_although_its_replica_has_left(bool left)
    {
        ReplicaView[] views = Routing.Views.Idle(2);
        DynamoKvRouter router = new(
            new DynamoKvOptions(Ttl, UseKvEvents: false, RouterTrackActiveBlocks: false), Routing.Views.Context());
        router.Choose(Prompt(0, 32, 0), views);
        router.Sent(Prompt(0, 32, 0), views[1]);
        views[1].OnFirstToken(Prompt(0, 32, 0));
        ClientRequest late = Prompt(1, 32, 32);
        Assert.Equal(1, router.Choose(late, views));
        router.Choose(Prompt(2, 0, 640), left ? views[..1] : views);
        router.Sent(late, views[1]);

        // 32 tokens wait there: of a tie one is drawn, one token more or less decides
        ClientRequest other = Prompt(3, 0, 16);
        router.Sent(Prompt(4, 0, 31), views[0]);
        Assert.Equal(0, router.Choose(other, views));
        views[0].OnEnded(Prompt(4, 0, 31));
        router.Sent(Prompt(5, 0, 33), views[0]);
        Assert.Equal(1, router.Choose(other, views));
    }

    [Fact]
    public void Blocks_in_use_can_be_left_out()
    {
        Routed routed = new(
            new DynamoKvOptions(Ttl, OverlapScoreWeight: 1, UseKvEvents: false, RouterTrackActiveBlocks: false), 2);
        routed.Send(Prompt(0, 16, 1600), 0);
        routed.FirstToken(0);
        Assert.Equal(0, routed.Choose(Prompt(1, 16, 0)));
    }

    [Fact]
    public void Without_events_a_prompt_is_forgotten_after_its_time_or_when_there_are_too_many()
    {
        Routed routed = new(
            new DynamoKvOptions(
                SimTime.FromSeconds(1), UseKvEvents: false, RouterMaxTreeSize: 6, RouterPruneTargetRatio: 0.5,
                RouterTrackActiveBlocks: false),
            2);
        Send(0, 64, 1);
        Assert.Equal(1, routed.Choose(Prompt(1, 64, 0)));
        routed.Simulation.RunUntil(SimTime.FromSeconds(1));
        Assert.Equal(2, routed.Choices(Prompt(0, 64, 0)));
        Send(100, 32, 1);
        Send(101, 80, 0);
        Assert.Equal(2, routed.Choices(Prompt(0, 32, 0)));

        void Send(long id, int tokens, int replica)
        {
            routed.Send(id == 101 ? Prompt(id, 0, tokens) : Prompt(id, tokens, 0), replica);
            routed.FirstToken(id);
        }
    }

    /// <summary>Events tell what was computed, not what was sent; the other way round without them.</summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void With_events_it_goes_by_what_replicas_hold(bool events, int chosen)
    {
        Routed routed = new(new DynamoKvOptions(Ttl, UseKvEvents: events), 2);
        ClientRequest held = Prompt(7, 64, 0);
        routed.Views[0].Replica.Enqueue(new Request(new RequestId(7, 0), held.Prompt, OutputLength.Of(1), default));
        while (routed.Simulation.Step())
        {
        }

        routed.Send(Prompt(8, 64, 0), 1);
        routed.End(8);
        Assert.Equal(chosen, routed.Choose(Prompt(9, 64, 0)));
    }

    /// <summary>Against books that are a list of all requests, gone through block by block at every choice.</summary>
    [Fact]
    public void Costs_are_those_of_a_literal_count() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 5], Gen.Int[0, 60], Gen.Int[1, 60]).Array[1, 40],
            Gen.Int[0, 4],
            Gen.Bool,
            Gen.Bool).Sample(
            (steps, quarters, tracks, reuse) =>
            {
                Routed routed = new(
                    new DynamoKvOptions(
                        Ttl, quarters / 4.0, UseKvEvents: false, RouterTrackActiveBlocks: tracks,
                        RouterAssumeKvReuse: reuse),
                    3);
                List<Literal> all = [];
                foreach ((int kind, int shared, int own) in steps)
                {
                    ClientRequest request = Prompt(all.Count, shared, own);
                    (int, int)[] blocks = Literal.BlocksOf(all.Count, shared, own);
                    double[] costs = new double[3];
                    long[] toPrefill = new long[3];
                    for (int r = 0; r < 3; r++)
                    {
                        Literal[] there = [.. all.Where(l => l.Replica == r)];
                        Literal[] unended = [.. there.Where(l => !l.Ended)];
                        int overlap = blocks.TakeWhile(b => there.Any(l => l.Blocks.Contains(b))).Count();
                        toPrefill[r] = request.PromptTokens - (16 * overlap);
                        long prefill = unended.Where(l => !l.HasToken).Sum(l => l.Prefill) + toPrefill[r];
                        int inUse = reuse
                            ? unended.SelectMany(l => l.Blocks).Concat(blocks).Distinct().Count()
                            : unended.Sum(l => l.Blocks.Length) + blocks.Length;
                        costs[r] = (quarters / 4.0 * (prefill / 16.0)) + (tracks ? inUse : 0);
                    }

                    int expected = DynamoKvRouter.Pick(
                        costs, 0, new RandomStreams(1).Stream("router").At(request.Id));
                    int chosen = routed.Choose(request);
                    Assert.Equal(expected, chosen);
                    routed.Accept(request, chosen);
                    all.Add(new Literal(chosen, toPrefill[chosen], blocks));
                    int other = own % all.Count;
                    if (kind <= 1 && !all[other].Ended)
                    {
                        if (!all[other].HasToken)
                        {
                            routed.FirstToken(other);
                        }

                        all[other].HasToken = true;
                    }
                    else if (kind <= 3 && !all[other].Ended)
                    {
                        routed.End(other);
                        all[other].Ended = true;
                    }
                }
            }, iter: 2_000);

    private static Draws Draw(long id) => new RandomStreams(1).Stream("router").At(id);

    private static ClientRequest Prompt(long id, int shared, int own)
    {
        TokenSegment[] segments =
            [new TokenSegment(TokenStream.Shared(0), shared), new TokenSegment(TokenStream.OwnOf(id), own)];
        return Routing.Views.Request(id, null, [.. segments.Where(s => s.Tokens > 0)]);
    }

    private sealed class Literal(int replica, long prefill, (int, int)[] blocks)
    {
        public int Replica => replica;

        public long Prefill => prefill;

        public (int, int)[] Blocks => blocks;

        public bool HasToken { get; set; }

        public bool Ended { get; set; }

        /// <summary>A full block, by its end if all of it is shared, else by its request and its end.</summary>
        public static (int, int)[] BlocksOf(int id, int shared, int own) =>
        [
            .. Enumerable.Range(1, (shared + own) / 16).Select(
                b => 16 * b <= shared ? (-1, b) : (id, b)),
        ];
    }

    /// <summary>A router, and replicas that are sent what the test says.</summary>
    private sealed class Routed
    {
        private readonly DynamoKvRouter _router;
        private readonly Dictionary<long, (ClientRequest Request, ReplicaView Replica)> _sent = [];

        public Routed(DynamoKvOptions options, int replicas)
        {
            Views = Routing.Views.In(Simulation, new int[replicas]);
            _router = new DynamoKvRouter(options, Routing.Views.Context());
        }

        public Simulation Simulation { get; } = new();

        public ReplicaView[] Views { get; }

        public int Choose(ClientRequest request) => _router.Choose(request, Views);

        /// <summary>How many replicas are chosen for some request of this content.</summary>
        public int Choices(ClientRequest request) => Enumerable.Range(1000, 40)
            .Select(id => _router.Choose(request with { Id = id }, Views)).Distinct().Count();

        public void Send(ClientRequest request, int replica)
        {
            Choose(request);
            Accept(request, replica);
        }

        public void Accept(ClientRequest request, int replica)
        {
            _router.Sent(request, Views[replica]);
            Views[replica].OnSent(request);
            _sent.Add(request.Id, (request, Views[replica]));
        }

        public void FirstToken(long id) => _sent[id].Replica.OnFirstToken(_sent[id].Request);

        public void End(long id) => _sent[id].Replica.OnEnded(_sent[id].Request);
    }
}
