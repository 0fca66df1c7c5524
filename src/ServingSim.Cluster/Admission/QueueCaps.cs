using ServingSim.Cluster.Routing;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Admission;

/// <summary>Options of <c>queue-caps</c>, under vLLM's names.</summary>
/// <param name="MaxNumQueuedReqs">
/// A request is refused when so many are in flight, waiting or running; null for no cap.
/// </param>
/// <param name="MaxNumQueuedTokens">
/// A request is refused when those in flight without a first token have so many prompt tokens, cached ones included;
/// null for no cap.
/// </param>
/// <param name="Per">What the counts are of.</param>
public sealed record QueueCapsOptions(
    int? MaxNumQueuedReqs = null, long? MaxNumQueuedTokens = null, QueueCapScope Per = QueueCapScope.Replica)
    : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (MaxNumQueuedReqs is null && MaxNumQueuedTokens is null)
        {
            yield return (null, "caps nothing, expected max_num_queued_reqs, max_num_queued_tokens or both");
        }

        if (MaxNumQueuedReqs < 1)
        {
            yield return (nameof(MaxNumQueuedReqs), $"found {MaxNumQueuedReqs}, expected at least 1");
        }

        if (MaxNumQueuedTokens < 1)
        {
            yield return (nameof(MaxNumQueuedTokens), $"found {MaxNumQueuedTokens}, expected at least 1");
        }
    }
}

/// <summary>What a queue cap counts.</summary>
public enum QueueCapScope
{
    /// <summary>The replica that the router chose, as its own API server would.</summary>
    Replica,

    /// <summary>All replicas that the router could choose from, as a gateway would.</summary>
    Fleet,
}

/// <summary>
/// Refuses what arrives while a cap is reached (vLLM, 2026-08: max_num_queued_reqs and max_num_queued_tokens, answered
/// with HTTP 503). The arriving request itself is not counted: a long prompt is let in below the cap and passes it.
/// </summary>
public sealed class QueueCaps(QueueCapsOptions options) : IAdmissionPolicy
{
    /// <inheritdoc/>
    public string? ReasonToRefuse(in Applicant applicant)
    {
        (ReplicaView chosen, IReadOnlyList<ReplicaView> replicas) = (applicant.Chosen, applicant.Replicas);
        bool perReplica = options.Per == QueueCapScope.Replica;
        long requests = perReplica ? chosen.Outstanding : replicas.Sum(r => (long)r.Outstanding);
        long tokens = perReplica ? chosen.PrefillTokens : replicas.Sum(r => r.PrefillTokens);
        return requests >= options.MaxNumQueuedReqs ? "queued_reqs"
            : tokens >= options.MaxNumQueuedTokens ? "queued_tokens"
            : null;
    }
}
