using ServingSim.Cluster.Routing;

namespace ServingSim.Cluster.Admission;

/// <summary>Lets requests in, or refuses them.</summary>
public interface IAdmissionPolicy
{
    /// <summary>Why an arriving request is refused; null lets it in.</summary>
    /// <param name="request">The request, arriving now.</param>
    /// <param name="chosen">The replica that the router chose for it.</param>
    /// <param name="replicas">All replicas that the router could choose from.</param>
    string? ReasonToRefuse(ClientRequest request, ReplicaView chosen, IReadOnlyList<ReplicaView> replicas);
}
