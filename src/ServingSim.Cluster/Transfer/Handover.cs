using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Transfer;

/// <summary>One request on its way from a prefill replica to a decode replica.</summary>
public sealed class Handover
{
    private readonly Disaggregation _disaggregation;

    internal Handover(Disaggregation disaggregation, ClientRequest client, ReplicaView from, Request prefill) =>
        (_disaggregation, Client, From, Prefill) = (disaggregation, client, from, prefill);

    /// <summary>What was asked.</summary>
    public ClientRequest Client { get; }

    /// <summary>The leg that computed the prompt's KV and sampled a first token.</summary>
    public Request Prefill { get; }

    /// <summary>The leg that decodes; null until the hand-off has sent it on.</summary>
    public Request? Decode { get; internal set; }

    /// <summary>When blocks were set aside for it where it is decoded, and its KV was asked for; null before.</summary>
    public SimTime? Asked { get; internal set; }

    /// <summary>When the KV was there; null before, and where it was computed again.</summary>
    public SimTime? Landed { get; internal set; }

    /// <summary>Bytes that were moved; 0 before.</summary>
    public long MovedBytes { get; internal set; }

    /// <summary>Where the prompt was computed.</summary>
    public ReplicaView From { get; }

    /// <summary>The replica where the prompt was computed.</summary>
    public Replica Source => From.Replica;

    /// <summary>Where it is decoded; null until that has been chosen.</summary>
    public ReplicaView? To { get; internal set; }

    /// <summary>Who chose that, and hears when it is sent there.</summary>
    internal RoutingGroup? Group { get; set; }

    /// <summary>The KV as it moves; null before and after.</summary>
    internal KvTransfer? Transfer { get; set; }

    /// <summary>Whether its client waits for it no more.</summary>
    internal bool IsAbandoned { get; set; }

    /// <summary>The fault that took its KV; null if none did.</summary>
    internal FaultStrike? TakenBy { get; private set; }

    /// <summary>A fault takes its KV, if anybody still wants it.</summary>
    internal void BlameFor(FaultStrike strike)
    {
        if (Client.Progress is { Attempt: not null } progress && progress.Handover == this)
        {
            TakenBy = strike;
            strike.LostTokens += Prefill.PromptTokens;
            progress.LostTokens = Prefill.PromptTokens;
        }
    }

    /// <summary>
    /// Sends it into the decode replica's queue, whose scheduler sets blocks aside for it in its turn.
    /// </summary>
    public void Queue() => _disaggregation.Queue(this);

    /// <summary>
    /// Sets blocks aside on the decode replica, now, and begins to read; false, and nothing happens, if they are short.
    /// </summary>
    public bool TryPull() => _disaggregation.TryPull(this);

    /// <summary>Its KV is there.</summary>
    internal void Land() => _disaggregation.Land(this);
}
