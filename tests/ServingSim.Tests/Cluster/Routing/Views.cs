using ServingSim.Cluster;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Engine;

namespace ServingSim.Tests.Cluster.Routing;

/// <summary>What a router sees, made up: idle replicas with given counts of unended requests.</summary>
internal static class Views
{
    public static ReplicaView[] Of(params int[] outstanding) => Of(outstanding, isScraped: false);

    /// <summary>Idle replicas in a simulation of the caller's.</summary>
    public static ReplicaView[] In(Simulation simulation, params int[] outstanding) =>
        Of(simulation, outstanding, isScraped: false);

    private static ReplicaView[] Of(int[] outstanding, bool isScraped) => Of(new Simulation(), outstanding, isScraped);

    /// <summary>Idle replicas of given parts.</summary>
    public static ReplicaView[] In(Simulation simulation, int replicas, Func<ReplicaParts> parts) =>
        Of(simulation, new int[replicas], isScraped: false, parts);

    private static ReplicaView[] Of(
        Simulation simulation, int[] outstanding, bool isScraped, Func<ReplicaParts>? parts = null)
    {
        PoolSpec spec = new("main", PoolRole.Mixed, outstanding.Length, parts ?? (() => A.Parts(A.Config())));
        ReplicaView[] views = [.. new Pool(simulation, spec, 0, isScraped, _ => new RecordingObserver()).Views];
        for (int i = 0; i < views.Length; i++)
        {
            views[i].Outstanding = outstanding[i];
        }

        return views;
    }

    public static ReplicaView[] Idle(int replicas) => Of(new int[replicas]);

    /// <summary>A request with a prompt that shares nothing.</summary>
    public static ClientRequest Request(long id, string? session = null) =>
        Request(id, session, new TokenSegment(TokenStream.OwnOf(id), 100));

    public static ClientRequest Request(long id, string? session, params TokenSegment[] prompt) => new(
        id,
        default,
        PromptContent.Of(prompt),
        OutputLength.Of(1),
        session is null ? Labels.None : new Labels([new("session", session)]));

    /// <summary>Idle replicas that have told these gauges.</summary>
    public static ReplicaView[] Telling(params ReplicaGauges[] gauges)
    {
        ReplicaView[] views = Of(new int[gauges.Length], isScraped: true);
        foreach ((ReplicaView view, ReplicaGauges told) in views.Zip(gauges))
        {
            view.Tell(default, told);
        }

        return views;
    }

    public static RouterContext Context(long seed = 1) => new(new RandomStreams(seed));
}
