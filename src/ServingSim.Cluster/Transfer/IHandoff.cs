using ServingSim.Cluster.Routing;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Transfer;

/// <summary>How a request that a prefill replica has done gets, with its KV, to the replica that decodes it.</summary>
public interface IHandoff
{
    /// <summary>
    /// Whether the first token, which the prefill replica samples, is the client's, and decoding goes on with the
    /// second; else it is thrown away and sampled again.
    /// </summary>
    bool ForwardsFirstToken { get; }

    /// <summary>
    /// How long a prefill replica keeps KV that nobody has begun to read; null: until somebody does.
    /// </summary>
    SimTime? PinTimeout { get; }

    /// <summary>
    /// Whether a decode replica that cannot read a request's KV computes its prompt itself; else the request fails.
    /// </summary>
    bool RecomputesLostKv => true;

    /// <summary>A prefilled request and the decode replica chosen for it.</summary>
    void Offer(Handover handover);

    /// <summary>Those that wait for room on a decode replica, in order.</summary>
    IReadOnlyCollection<Handover> WaitingFor(ReplicaView decode) => [];

    /// <summary>There may be room on a decode replica for one that waits.</summary>
    void TryAgain(ReplicaView decode)
    {
    }

    /// <summary>The client of a request that still waits for room gave up, or its KV is gone.</summary>
    void Forget(Handover handover)
    {
    }
}
