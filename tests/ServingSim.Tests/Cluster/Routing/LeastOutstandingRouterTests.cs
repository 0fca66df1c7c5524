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
}
