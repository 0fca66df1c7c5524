using ServingSim.Engine;

namespace ServingSim.Cluster.Routing;

/// <summary>What a router knows of which replica holds how much of a prompt.</summary>
internal interface IPrefixOverlaps
{
    /// <summary>
    /// The blocks that each replica is known to hold of a prompt's beginning, in blocks of its own size and in the
    /// replicas' order; good until the next search.
    /// </summary>
    IReadOnlyList<int> Find(PromptContent prompt, IReadOnlyList<ReplicaView> replicas);

    /// <summary>The same for one replica, wherever it is listed.</summary>
    int Find(PromptContent prompt, ReplicaView replica);

    /// <summary>A prompt is sent to a replica.</summary>
    void Sent(PromptContent prompt, ReplicaView replica)
    {
    }
}
