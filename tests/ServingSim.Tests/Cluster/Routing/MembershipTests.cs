using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

/// <summary>Replicas that routers may choose from come and go.</summary>
public sealed class MembershipTests
{
    private static readonly Func<IRouter>[] Routers =
    [
        () => new RoundRobinRouter(),
        () => new LeastOutstandingRouter(),
        () => new JsqTokensRouter(new JsqTokensOptions()),
        () => new LeastLoadedRouter(new LeastLoadedOptions(), Views.Context()),
        () => new RandomRouter(Views.Context()),
        () => new PowerOfTwoRouter(Views.Context()),
        () => new SessionAffinityRouter(new SessionAffinityOptions()),
        () => new ConsistentHashRouter(new ConsistentHashOptions()),
        () => new PrefixAwareRouter(new PrefixAwareOptions(), Views.Context()),
        () => new SglangCacheAwareRouter(new SglangCacheAwareOptions()),
        () => new DynamoKvRouter(new DynamoKvOptions(SimTime.OneTick), Views.Context()),
        () => new DynamoKvRouter(new DynamoKvOptions(SimTime.OneTick, UseKvEvents: false), Views.Context()),
        () => new LlmdRouter(new LlmdOptions(), Views.Context()),
        () => new PredictedLatencyRouter(new PredictedLatencyOptions(), Views.Context()),
    ];

    private readonly Simulation _simulation = new();

    [Fact]
    public void No_router_chooses_a_replica_that_has_left_and_each_comes_back() =>
        Gen.Select(Gen.Int[0, Routers.Length - 1], Gen.Bool.Array[4].Array[1, 12]).Sample((router, rounds) =>
        {
            (RoutingGroup group, Pool pool) = Group(4, Routers[router]());
            long id = 0;
            foreach (bool[] away in rounds)
            {
                SetAway(pool, away);
                HashSet<int> chosen = [];
                for (int i = 0; i < 40; i++, id++)
                {
                    ReplicaView? view = group.Choose(Views.Request(id, $"s{id}"));
                    Assert.Equal(away.All(a => a), view is null);
                    if (view is not null)
                    {
                        group.Router.Sent(Views.Request(id), view);
                        view.Outstanding++;
                        chosen.Add(view.Index);
                    }
                }

                Assert.DoesNotContain(chosen, index => away[index]);
                Assert.All(chosen, index => Assert.True(pool.Views[index].IsRoutable));
            }

            SetAway(pool, new bool[4]);
            Assert.Equal(4, group.Views.Count);
        }, iter: 300, threads: 1);

    [Fact]
    public void A_replica_stays_away_until_the_last_reason_is_gone()
    {
        (_, Pool pool) = Group(1, new RoundRobinRouter());
        ReplicaView view = pool.Views[0];
        view.Leave(Absence.Notice);
        view.Leave(Absence.Unhealthy);
        view.Leave(Absence.Unhealthy);
        view.Return(Absence.Notice);
        Assert.False(view.IsRoutable);
        view.Return(Absence.Unhealthy);
        Assert.True(view.IsRoutable);
        Assert.Equal(2, pool.MembershipChanges);
    }

    [Fact]
    public void Routers_see_the_same_list_until_somebody_comes_or_goes()
    {
        (RoutingGroup group, Pool pool) = Group(3, new RoundRobinRouter());
        IReadOnlyList<ReplicaView> all = group.Views;
        Assert.Same(all, group.Views);
        pool.Views[1].Leave(Absence.Scaling);
        Assert.Equal([0, 2], group.Views.Select(v => v.Index));
        Assert.Equal([0, 1, 2], all.Select(v => v.Index));
    }

    [Fact]
    public void Orders_of_replicas_that_are_no_longer_asked_about_follow_nobody()
    {
        (RoutingGroup group, Pool pool) = Group(3, new LeastOutstandingRouter());
        for (int i = 0; i < 50; i++)
        {
            group.Choose(Views.Request(i));
            pool.Views[i % 3].Leave(Absence.Unhealthy);
            group.Choose(Views.Request(i));
            pool.Views[i % 3].Return(Absence.Unhealthy);
        }

        Assert.All(pool.Views, v => Assert.Equal(1, v.CountsChanged?.GetInvocationList().Length ?? 1));
    }

    [Fact]
    public void The_keys_of_a_replica_that_leaves_move_and_no_others()
    {
        foreach (IRouter router in new[] { Routers[6](), Routers[7]() })
        {
            (RoutingGroup group, Pool pool) = Group(5, router);
            int[] before = [.. Enumerable.Range(0, 300).Select(i => Choose(group, i))];
            pool.Views[2].Leave(Absence.Unhealthy);
            int[] without = [.. Enumerable.Range(0, 300).Select(i => Choose(group, i))];
            pool.Views[2].Return(Absence.Unhealthy);
            Assert.Equal(before, Enumerable.Range(0, 300).Select(i => Choose(group, i)));
            Assert.DoesNotContain(2, without);
            Assert.All(before.Zip(without), pair => Assert.True(pair.First == pair.Second || pair.First == 2));
        }
    }

    [Fact]
    public void A_request_is_refused_where_no_replica_can_be_chosen()
    {
        List<EndedRequest> ended = [];
        PoolSpec spec = new("main", PoolRole.Mixed, 2, () => A.Parts(A.Config(), new AffineLatency(10)));
        ServingCluster cluster = new(
            _simulation,
            new ClusterSpec([spec], () => new LeastOutstandingRouter()),
            (_, _) => default,
            new Listener(ended));
        cluster.Pools[0].Views[0].Leave(Absence.Scaling);
        cluster.Submit(Views.Request(0));
        cluster.Pools[0].Views[1].Leave(Absence.Scaling);
        cluster.Submit(Views.Request(1));
        cluster.Pools[0].Views[0].Return(Absence.Scaling);
        cluster.Submit(Views.Request(2));
        while (_simulation.Step())
        {
        }

        Assert.Equal(
            [(1, ClientOutcome.Refused, "no_replica", null), (0, ClientOutcome.Completed, null, "main/1"),
                (2, ClientOutcome.Completed, null, "main/0")],
            ended.OrderBy(e => e.Outcome != ClientOutcome.Refused).ThenBy(e => e.Client.Id)
                .Select(e => (e.Client.Id, e.Outcome, e.Reason, e.Replica?.Name)));
    }

    private static int Choose(RoutingGroup group, int session) =>
        group.Choose(Views.Request(session, $"s{session}"))!.Index;

    private static void SetAway(Pool pool, bool[] away)
    {
        foreach ((ReplicaView view, bool leaves) in pool.Views.Zip(away))
        {
            if (leaves)
            {
                view.Leave(Absence.Unhealthy);
            }
            else
            {
                view.Return(Absence.Unhealthy);
            }
        }
    }

    private static (RoutingGroup Group, Pool Pool) Group(int replicas, IRouter router)
    {
        Pool pool = Views.Idle(replicas)[0].Pool;
        return (new RoutingGroup([pool], router), pool);
    }

    private sealed class Listener(List<EndedRequest> ended) : IClusterObserver
    {
        public void Ended(EndedRequest request) => ended.Add(request);
    }
}
