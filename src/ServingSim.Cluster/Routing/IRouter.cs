namespace ServingSim.Cluster.Routing;

/// <summary>Chooses a replica for an arriving request, from what a real router could see.</summary>
public interface IRouter
{
    /// <summary>The place in <paramref name="replicas"/> of the chosen one; there is at least one.</summary>
    int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas);

    /// <summary>The request was let in, and is sent to the replica that was chosen for it.</summary>
    void Sent(ClientRequest request, ReplicaView replica)
    {
    }
}
