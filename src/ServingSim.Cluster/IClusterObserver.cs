using ServingSim.Cluster.Transfer;
using ServingSim.Engine;

namespace ServingSim.Cluster;

/// <summary>Hears what happens on every replica and how client requests end; observes only.</summary>
public interface IClusterObserver : IReplicaObserver
{
    /// <summary>A client request ended, once.</summary>
    void Ended(EndedRequest ended);
}

/// <summary>How a client request ended.</summary>
/// <param name="Client">What was asked.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Reason">Why it was refused, aborted or lost; null when it completed.</param>
/// <param name="Attempt">Its last attempt; null if that reached no replica.</param>
/// <param name="Replica">The replica of that attempt.</param>
public readonly record struct EndedRequest(
    ClientRequest Client, ClientOutcome Outcome, string? Reason, Request? Attempt, Replica? Replica)
{
    /// <summary>The tokens that its client got of that attempt.</summary>
    public int OutputTokens { get; init; }

    /// <summary>Its last attempt's way from a prefill to a decode replica; null where there was none.</summary>
    public Handover? Handover => Client.Progress?.Handover;

    /// <summary>How often its client tried.</summary>
    public int Attempts => Client.Progress?.Attempts ?? 1;
}

/// <summary>A client request that has not ended.</summary>
/// <param name="Client">What was asked.</param>
/// <param name="Attempt">
/// The attempt, or the leg of it, that waits or runs; null while it is handed over, or its client waits to try again.
/// </param>
/// <param name="Replica">Where.</param>
public readonly record struct OpenRequest(ClientRequest Client, Request? Attempt, Replica? Replica)
{
    /// <summary>Its attempt's way from a prefill to a decode replica; null where there is none.</summary>
    public Handover? Handover => Client.Progress?.Handover;

    /// <summary>How often its client tried.</summary>
    public int Attempts => Client.Progress?.Attempts ?? 1;
}
