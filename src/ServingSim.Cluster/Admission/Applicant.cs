using ServingSim.Cluster.Routing;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Admission;

/// <summary>A request that asks to be let in.</summary>
/// <param name="Request">The request, for the first time or again.</param>
/// <param name="Now">When.</param>
/// <param name="Chosen">The replica that the router chose for it.</param>
/// <param name="Replicas">All replicas that the router could choose from.</param>
/// <param name="DecodeReplicas">Those that could go on with it where <paramref name="Chosen"/> only prefills.</param>
public readonly record struct Applicant(
    ClientRequest Request,
    SimTime Now,
    ReplicaView Chosen,
    IReadOnlyList<ReplicaView> Replicas,
    IReadOnlyList<ReplicaView> DecodeReplicas);
