using ServingSim.Cluster.Routing;
using ServingSim.Engine;

namespace ServingSim.Cluster.Transfer;

/// <summary>What handing over needs of the cluster.</summary>
internal interface IHandoverCluster
{
    /// <summary>
    /// The decode replica for a prefilled request; null where there is none: the attempt has failed then.
    /// </summary>
    ReplicaView? ChooseDecode(Handover handover);

    /// <summary>
    /// The leg that decodes: queued, it arrives when the front end of its pool passes it on; else now.
    /// </summary>
    Request DecodeLeg(Handover handover, bool queued);

    /// <summary>
    /// Sends the leg to its replica: into its queue, or to blocks that are free; false if they are not.
    /// </summary>
    bool Begin(Handover handover, bool queued);

    /// <summary>A failure took an attempt that was under way.</summary>
    void Lose(ReplicaView view, Request attempt, string reason);

    /// <summary>What becomes of attempts.</summary>
    AttemptCounts Attempts { get; }
}
