using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>Options of <c>prefix-aware</c>.</summary>
/// <param name="BlockTokens">Prompts are compared by full blocks of so many tokens.</param>
/// <param name="MinMatch">
/// The share of a prompt, 0 … 1, that a replica must have been sent before to be preferred for it.
/// </param>
/// <param name="MaxBlocks">
/// Blocks remembered for each replica, the least recently sent forgotten first (the Gateway API Inference Extension's
/// default).
/// </param>
public sealed record PrefixAwareOptions(int BlockTokens = 16, double MinMatch = 0.5, int MaxBlocks = 31_250)
    : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (BlockTokens < 1)
        {
            yield return (nameof(BlockTokens), $"found {BlockTokens}, expected at least 1");
        }

        if (!(MinMatch is >= 0 and <= 1))
        {
            yield return (nameof(MinMatch), $"found {MinMatch}, expected a number from 0 to 1");
        }

        if (MaxBlocks < 1)
        {
            yield return (nameof(MaxBlocks), $"found {MaxBlocks}, expected at least 1");
        }
    }
}

/// <summary>
/// The replica to which this router sent the longest prefix of the prompt before, of equals the one with the fewest
/// unended requests; where that prefix is less than min_match of the prompt, the fewest unended requests alone decide.
/// What replicas truly hold in cache it does not know.
/// </summary>
public sealed class PrefixAwareRouter(PrefixAwareOptions options, RouterContext context) : IRouter
{
    private readonly LeastOutstandingRouter _leastOutstanding = new();
    private readonly SentPrefixes _sent = context.Shared(() => new SentPrefixes(options.MaxBlocks));

    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        ulong[] blocks = RoutingKeys.OfBlocks(request.Prompt, options.BlockTokens);
        (int chosen, int matched) = LongestMatch(blocks, replicas);
        if ((double)matched * options.BlockTokens < options.MinMatch * request.PromptTokens)
        {
            chosen = _leastOutstanding.Choose(request, replicas);
        }

        return chosen;
    }

    /// <inheritdoc/>
    public void Sent(ClientRequest request, ReplicaView replica) =>
        _sent.Add(replica, RoutingKeys.OfBlocks(request.Prompt, options.BlockTokens));

    private (int Replica, int Blocks) LongestMatch(ulong[] blocks, IReadOnlyList<ReplicaView> replicas)
    {
        ReadOnlySpan<int> matches = _sent.Match(blocks);
        (int best, int most) = (0, -1);
        for (int i = 0; i < replicas.Count; i++)
        {
            ReplicaView replica = replicas[i];
            int matched = replica.Index < matches.Length ? matches[replica.Index] : 0;
            if (matched > most || (matched == most && replica.Outstanding < replicas[best].Outstanding))
            {
                (best, most) = (i, matched);
            }
        }

        return (best, most);
    }
}
