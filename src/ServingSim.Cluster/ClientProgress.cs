using ServingSim.Cluster.Clients;
using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Transfer;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster;

/// <summary>
/// How far a client request has come whose client does more than wait, kept until it ends; requests of clients that
/// only wait have none.
/// </summary>
internal sealed class ClientProgress(ClientRequest client)
{
    internal ClientRequest Client => client;

    /// <summary>Attempts begun; the present one's number is one less.</summary>
    internal int Attempts { get; set; }

    /// <summary>The attempt under way; null while none is.</summary>
    internal Request? Attempt { get; set; }

    /// <summary>Its way from a prefill to a decode replica; null before and where there is none.</summary>
    internal Handover? Handover { get; set; }

    /// <summary>Where it was sent.</summary>
    internal ReplicaView? To { get; set; }

    /// <summary>Whether a replica has it; not before it arrives, and no more when the replica broke.</summary>
    internal bool IsAtReplica { get; set; }

    /// <summary>Whether it has had its first token.</summary>
    internal bool HasFirstToken { get; set; }

    /// <summary>Whether the client heard how it ended, or will hear nothing more.</summary>
    internal bool HasEnded { get; set; }

    /// <summary>What a broken replica had computed for the last attempt, in tokens.</summary>
    internal int LostTokens { get; set; }

    /// <summary>How its client behaves; null where it only waits.</summary>
    internal ClientClass? Class { get; init; }

    /// <summary>When it tries again; null before it first does.</summary>
    internal SimEvent? Retry { get; set; }

    /// <summary>The present attempt is sent.</summary>
    internal void Send(Request attempt, ReplicaView to)
    {
        (Attempt, To, IsAtReplica, HasFirstToken, Handover) = (attempt, to, false, false, null);
        Class?.Sent(this);
    }

    /// <summary>The attempt goes on as another leg.</summary>
    internal void GoOn(Request leg, ReplicaView to, bool isThere) => (Attempt, To, IsAtReplica) = (leg, to, isThere);

    /// <summary>The present attempt is under way no more.</summary>
    internal void StopWaiting() => (Attempt, To, IsAtReplica) = (null, null, false);

    /// <summary>Its place among those that wait to try again; null while it does not.</summary>
    internal int? PlaceBackingOff { get; set; }
}
