using ServingSim.Cluster;
using ServingSim.Cluster.Admission;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster.Routing;
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
        Assert.Equal((9, 4), (open.Attempt.ComputedTokens, open.Replica.TokensReceivedBy(open.Attempt)));
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

    private ServingCluster Cluster(IAdmissionPolicy admission, IRouter router, long stepTicks)
    {
        PoolSpec pool = new("main", PoolRole.Mixed, 1, () => A.Parts(
            A.Config(caching: false) with { MaxRunSteps = int.MaxValue }, new AffineLatency(stepTicks)));
        return new ServingCluster(
            _simulation,
            new ClusterSpec([pool], () => router) { Admission = admission },
            (_, _) => default,
            new Deaf());
    }

    private sealed class RefuseOdd : IAdmissionPolicy
    {
        public string? ReasonToRefuse(
            ClientRequest request, ReplicaView chosen, IReadOnlyList<ReplicaView> replicas) =>
            request.Id % 2 == 1 ? "odd" : null;
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
