namespace ServingSim.Cluster.Routing;

/// <summary>
/// The replica with the fewest requests that this router sent and that have not ended; ties go to the first.
/// </summary>
public sealed class LeastOutstandingRouter : IRouter
{
    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        int least = 0;
        for (int i = 1; i < replicas.Count; i++)
        {
            least = replicas[i].Outstanding < replicas[least].Outstanding ? i : least;
        }

        return least;
    }
}
