using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

/// <summary>
/// A replica that leaves comes back with an empty cache, so that no router may believe in what it was sent before.
/// </summary>
public sealed class LeavingReplicaTests
{
    public static TheoryData<string> All => [.. Routers.Keys];

    /// <summary>Those that go by what they sent.</summary>
    private static Dictionary<string, Func<IRouter>> Routers { get; } = new()
    {
        ["prefix-aware"] = () => new PrefixAwareRouter(new PrefixAwareOptions(), Views.Context()),
        ["sglang-cache-aware"] = () => new SglangCacheAwareRouter(
            new SglangCacheAwareOptions(Unmatched: UnmatchedPrompts.LeastLoaded)),
        ["dynamo-kv"] = () => new DynamoKvRouter(
            new DynamoKvOptions(SimTime.FromSeconds(9), UseKvEvents: false, RouterTrackActiveBlocks: false),
            Views.Context()),
        ["llm-d"] = () => new LlmdRouter(
            new LlmdOptions(QueueWeight: 0, KvCacheWeight: 0, ActiveRequestWeight: 0.001), Views.Context()),
        ["predicted-latency"] = () => new PredictedLatencyRouter(
            new PredictedLatencyOptions(Picker: LlmdPicker.MaxScore, ExplorationProbability: 0), Views.Context()),
    };

    /// <summary>
    /// Two prompts are sent to replica 1, and one of them again, late, when it has left. When it is back neither is
    /// believed to be there until it is sent there once more.
    /// </summary>
    [Theory]
    [MemberData(nameof(All))]
    public void What_a_replica_was_sent_before_it_left_is_forgotten(string name)
    {
        IRouter router = Routers[name]();
        AffineLatency latency = new(1000, PrefillToken: 10);
        ReplicaView[] views = Views.In(new Simulation(), 2, () => A.Parts(A.Config(), latency));
        Send(1, 0);
        Send(2, 1);
        Assert.Equal([1, 1], Followed());

        views[1].Leave(Absence.Unhealthy);
        Send(3, 0);
        views[1].Leave(Absence.Scaling);
        views[1].Return(Absence.Unhealthy);
        views[1].Return(Absence.Scaling);
        Assert.Equal([0, 0], Followed());

        Send(4, 1);
        Assert.Equal([0, 1], Followed());
        views[1].Leave(Absence.Notice);
        views[1].Return(Absence.Notice);
        Assert.Equal([0, 0], Followed());

        // Replica 1 has an unended request more, so that it is chosen only for what it is believed to hold
        int[] Followed()
        {
            views[1].Outstanding++;
            int[] chosen = [Choice(0), Choice(1)];
            views[1].Outstanding--;
            return chosen;
        }

        int Choice(int shared) => Enumerable.Range(100, 20).Min(id => router.Choose(Prompt(id, shared), views));

        void Send(long id, int shared)
        {
            ClientRequest request = Prompt(id, shared);
            router.Choose(request, views);
            router.Sent(request, views[1]);
            views[1].OnSent(request);
            views[1].OnFirstToken(request);
            views[1].OnEnded(request);
        }
    }

    private static ClientRequest Prompt(long id, int shared) => Views.Request(
        id, null, new TokenSegment(TokenStream.Shared(shared), 320), new TokenSegment(TokenStream.OwnOf(id), 10));
}
