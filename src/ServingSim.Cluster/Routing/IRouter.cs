namespace ServingSim.Cluster.Routing;

/// <summary>Chooses a replica for an arriving request, from what a real router could see.</summary>
public interface IRouter
{
    /// <summary>
    /// The place in <paramref name="replicas"/> of the chosen one. These are the replicas that can be chosen now, at
    /// least one, in order of <see cref="ReplicaView.Index"/>: the same list as before unless one came or went.
    /// </summary>
    int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas);

    /// <summary>The request was let in, and is sent to the replica that was chosen for it.</summary>
    void Sent(ClientRequest request, ReplicaView replica)
    {
    }
}
