using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

public sealed class LeastOutstandingRouterTests
{
    /// <summary>Steps of 10 ticks; the second of three replicas is the first to be rid of its request.</summary>
    [Fact]
    public void The_replica_with_the_fewest_unended_requests_is_chosen_and_of_equals_the_first()
    {
        (int Output, long Arrival)[] requests = [(9, 0), (1, 0), (9, 0), (9, 5), (9, 12), (9, 13), (9, 14)];
        ClusterRun run = ClusterRun.Of(
            requests.Select((request, id) => new ClientRequest(
                id,
                new SimTime(request.Arrival),
                PromptContent.OwnOf(id, 1),
                OutputLength.Of(request.Output),
                Labels.None)),
            new PoolSpec("main", PoolRole.Mixed, 3, () => A.Parts(A.Config(), new AffineLatency(10))),
            new LeastOutstandingRouter());
        Assert.Equal(
            ["main/0", "main/1", "main/2", "main/0", "main/1", "main/1", "main/2"],
            run.Ended.Values.Select(ended => ended.Replica!.Name));
    }

    [Fact]
    public void After_every_change_the_choice_is_that_of_a_look_at_all_replicas() =>
        Gen.Select(Gen.Int[0, 3].Array[1, 9], Gen.Select(Gen.Int[0, 8], Gen.Int[0, 3]).Array[1, 40])
            .Sample((first, changes) =>
            {
                ReplicaView[] views = Views.Of(first);
                LeastOutstandingRouter router = new();
                foreach ((int place, int outstanding) in changes)
                {
                    int[] counts = [.. views.Select(v => v.Outstanding)];
                    Assert.Equal(Array.IndexOf(counts, counts.Min()), router.Choose(Views.Request(0), views));
                    views[place % views.Length].Outstanding = outstanding;
                }
            }, iter: 200);

    /// <summary>As where two sets of pools can serve different requests, and have a pool in common.</summary>
    [Fact]
    public void Two_routers_follow_a_replica_that_both_can_choose()
    {
        ReplicaView[] views = Views.Of(1, 0, 1);
        (LeastOutstandingRouter left, LeastOutstandingRouter right) = (new(), new());
        Assert.Equal(1, left.Choose(Views.Request(0), views[..2]));
        (ReplicaView[] both, ReplicaView[] last) = (views[..2], views[1..]);
        Assert.Equal((1, 0), (left.Choose(Views.Request(1), both), right.Choose(Views.Request(2), last)));
        views[1].Outstanding = 2;
        Assert.Equal((0, 1), (left.Choose(Views.Request(3), both), right.Choose(Views.Request(4), last)));
    }

    [Fact]
    public void Asked_about_other_replicas_it_looks_at_them()
    {
        LeastOutstandingRouter router = new();
        Assert.Equal(1, router.Choose(Views.Request(0), Views.Of(3, 1, 2)));
        Assert.Equal(2, router.Choose(Views.Request(1), Views.Of(2, 3, 1)));
    }
}
