using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster;

public sealed class SimultaneousArrivalTests
{
    /// <summary>
    /// Two requests that outgrow the cache together. vLLM takes the first of equals as the victim: of equal rank,
    /// each would take the other's blocks for ever.
    /// </summary>
    [Fact]
    public void Requests_of_equal_priority_that_arrive_at_once_both_end()
    {
        ClusterRun run = ClusterRun.Of(
            Enumerable.Range(0, 2).Select(id => new ClientRequest(
                id, default, PromptContent.OwnOf(id, 16), OutputLength.Of(16), Labels.None)),
            new ClusterSpec(
                [new PoolSpec("main", PoolRole.Mixed, 1, () => A.Parts(
                    A.Config(numGpuBlocks: 10, blockSize: 4), waiting: new PriorityQueuePolicy()))],
                () => new RoundRobinRouter()),
            end: new SimTime(1000));
        Assert.Equal([0, 1], run.Ended.Keys);
        Assert.Equal([0, 1], run.Ended.Values.Select(e => e.Attempt!.Preemptions));
    }
}
