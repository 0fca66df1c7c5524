using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Admission;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster.Routing;
using ServingSim.Tests.Oracle;
using Xunit;

namespace ServingSim.Tests.Cluster;

/// <summary>A cluster by itself: no auditor reads it first.</summary>
public sealed class ServingClusterTests
{
    private readonly Simulation _simulation = new();

    /// <summary>Steps of 10 ticks: the prefill, then a run of decodes, of which 45 is in the fourth.</summary>
    [Fact]
    public void Open_requests_stand_where_they_are_in_the_middle_of_a_run()
    {
        ServingCluster cluster = Cluster(new AdmitAll(), new RoundRobinRouter(), 10);
        cluster.Submit(Views.Request(0, null, new TokenSegment(TokenStream.OwnOf(0), 5)) with
        {
            Output = OutputLength.Of(50),
        });
        _simulation.RunUntil(new SimTime(45));
        OpenRequest open = Assert.Single(cluster.Open());
        Assert.Equal((9, 4), (open.Attempt!.ComputedTokens, open.Replica!.TokensReceivedBy(open.Attempt!)));
    }

    [Fact]
    public void A_router_does_not_hear_of_requests_that_admission_refuses()
    {
        Listener listener = new();
        ServingCluster cluster = Cluster(new RefuseOdd(), listener, 10);
        for (long id = 0; id < 4; id++)
        {
            cluster.Submit(Views.Request(id));
        }

        Assert.Equal([0, 2], listener.Sent);
    }

    /// <summary>
    /// 7 ticks on its way to a step of 10; the router counts it from the start, and admission asks at once.
    /// </summary>
    [Fact]
    public void A_front_end_delays_what_reaches_a_replica_and_nothing_else()
    {
        ServingCluster cluster = Cluster(new RefuseOdd(), new RoundRobinRouter(), 10, frontEndTicks: 7);
        cluster.Submit(Views.Request(0));
        cluster.Submit(Views.Request(1));
        Assert.Equal((1, 1), (cluster.OpenCount, cluster.EndedCount));
        _simulation.RunUntil(new SimTime(6));
        OpenRequest open = Assert.Single(cluster.Open());
        Assert.Equal(new SimTime(7), open.Attempt!.Arrival);
        Assert.True(open.Replica!.IsIdle);
        _simulation.RunUntil(new SimTime(100));
        Assert.Equal(new SimTime(7), open.Attempt!.FirstScheduled);
        Assert.Equal(new SimTime(17), open.Attempt.FirstToken);
    }

    [Fact]
    public void Routers_see_what_front_ends_hold()
    {
        PoolSpec pool = ClusterRun.PoolOf(
            "main", new OracleConfig { NumGpuBlocks = 100, MaxModelLen = 1000 }, new AffineLatency(10), replicas: 2);
        ClusterRun run = ClusterRun.Of(
            Enumerable.Range(0, 4).Select(id => Views.Request(id) with { Arrival = new SimTime(id) }),
            pool with { FrontEndTime = new SimTime(50) },
            new LeastOutstandingRouter());
        Assert.Equal(["main/0", "main/1", "main/0", "main/1"], run.Ended.Values.Select(e => e.Replica!.Name));
        Assert.Equal([50, 51, 60, 61], run.Ended.Values.Select(e => e.Attempt!.FirstScheduled!.Value.Ticks));
    }

    /// <summary>The auditor looks at requests that a front end holds, too.</summary>
    [Fact]
    public void A_run_cut_at_any_time_obeys_the_laws_before_a_front_end_as_well() =>
        Gen.Select(OracleScenario.AnyAsync, Gen.Long[1, 200], Gen.Long[0, 400]).Sample((scenario, held, end) =>
        {
            PoolSpec pool = ClusterRun.PoolOf("main", scenario.Config, scenario.Latency, scenario.Replicas);
            ClusterRun.Of(
                scenario.Requests.Select(r => ClusterRun.ClientOf(r, Labels.None)),
                pool with { FrontEndTime = new SimTime(held) },
                new RoundRobinRouter(),
                end: new SimTime(end));
        });

    /// <summary>A run is cut where it would go beyond the clock: the steps that fit are made.</summary>
    [Fact]
    public void Steps_beyond_the_clock_are_told_of_as_such()
    {
        const long Quarter = long.MaxValue / 4;
        ServingCluster cluster = Cluster(new AdmitAll(), new RoundRobinRouter(), Quarter);
        cluster.Submit(Views.Request(0) with { Output = OutputLength.Of(9) });
        Assert.Throws<ClockRangeException>(() =>
        {
            while (_simulation.Step())
            {
            }
        });
        Assert.Equal(new SimTime(4 * Quarter), _simulation.Now);
    }

    private ServingCluster Cluster(
        IAdmissionPolicy admission, IRouter router, long stepTicks, long frontEndTicks = 0)
    {
        PoolSpec pool = new("main", PoolRole.Mixed, 1, () => A.Parts(
            A.Config(caching: false) with { MaxRunSteps = int.MaxValue }, new AffineLatency(stepTicks)))
        {
            FrontEndTime = new SimTime(frontEndTicks),
        };
        return new ServingCluster(
            _simulation,
            new ClusterSpec([pool], () => router) { Admission = admission },
            (_, _) => default,
            new Deaf());
    }

    private sealed class RefuseOdd : IAdmissionPolicy
    {
        public string? ReasonToRefuse(in Applicant applicant) =>
            applicant.Request.Id % 2 == 1 ? "odd" : null;
    }

    private sealed class Listener : IRouter
    {
        public List<long> Sent { get; } = [];

        public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas) => 0;

        void IRouter.Sent(ClientRequest request, ReplicaView replica) => Sent.Add(request.Id);
    }

    private sealed class Deaf : IClusterObserver
    {
        public void Ended(EndedRequest ended)
        {
        }
    }
}
