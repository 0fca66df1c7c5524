namespace ServingSim.Cluster.Transfer;

/// <summary>What a replica is connected to others by.</summary>
public enum KvLinks
{
    /// <summary>The network cards of its GPUs, over which KV moves to and from other nodes.</summary>
    Network,

    /// <summary>
    /// The links within its node (NVLink), over which KV moves to and from replicas of the same node.
    /// </summary>
    Node,
}
