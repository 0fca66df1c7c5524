using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>Options of <c>sglang-cache-aware</c>; those that are not given are as in the set of defaults.</summary>
/// <param name="Defaults">
/// Which published defaults hold. python (sglang-router's command line, 2025): 0.3, 64, 1.5, 120s, 67108864 and
/// smallest-tree. smg (the Rust gateway's own, 2026): 0.5, 32, 1.1, 30s, 10000 and least-loaded.
/// </param>
/// <param name="CacheThreshold">
/// The share of a prompt, 0 … 1, of which more must have been sent to a replica for the prompt to follow it.
/// </param>
/// <param name="BalanceAbsThreshold">
/// Loads differ too much when the highest exceeds the lowest by more than so many unended requests, and
/// </param>
/// <param name="BalanceRelThreshold">is more than so many times as high.</param>
/// <param name="EvictionInterval">How often prompts sent long ago are forgotten; 0s: never.</param>
/// <param name="MaxTreeSize">Characters remembered of each replica after that.</param>
/// <param name="Unmatched">Where a prompt goes that follows no other.</param>
/// <param name="CharsPerToken">The router sees text, and this simulator tokens: characters in a token.</param>
public sealed record SglangCacheAwareOptions(
    SglangDefaults Defaults = SglangDefaults.Python,
    double? CacheThreshold = null,
    int? BalanceAbsThreshold = null,
    double? BalanceRelThreshold = null,
    SimTime? EvictionInterval = null,
    long? MaxTreeSize = null,
    UnmatchedPrompts? Unmatched = null,
    double CharsPerToken = 4) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (CacheThreshold is { } share && !(share is >= 0 and <= 1))
        {
            yield return (nameof(CacheThreshold), $"found {share}, expected a number from 0 to 1");
        }

        if (BalanceAbsThreshold < 0)
        {
            yield return (nameof(BalanceAbsThreshold), $"found {BalanceAbsThreshold}, expected at least 0");
        }

        if (BalanceRelThreshold is { } times && !(times is >= 0 and <= 1e6))
        {
            yield return (nameof(BalanceRelThreshold), $"found {times}, expected a number from 0 to 1e6");
        }

        if (EvictionInterval < SimTime.Zero)
        {
            yield return (nameof(EvictionInterval), $"found {EvictionInterval}, expected at least 0s");
        }

        if (MaxTreeSize < 0)
        {
            yield return (nameof(MaxTreeSize), $"found {MaxTreeSize}, expected at least 0");
        }

        if (!(CharsPerToken is > 0 and <= 1000))
        {
            yield return (nameof(CharsPerToken), $"found {CharsPerToken}, expected more than 0 and at most 1000");
        }
    }

    /// <summary>These options with no value left open.</summary>
    public SglangCacheAwareOptions Filled() => Defaults switch
    {
        SglangDefaults.Python => Over(0.3, 64, 1.5, 120, 1L << 26, UnmatchedPrompts.SmallestTree),
        SglangDefaults.Smg => Over(0.5, 32, 1.1, 30, 10_000, UnmatchedPrompts.LeastLoaded),
        _ => throw new InvariantException($"no defaults {Defaults}"),
    };

    private SglangCacheAwareOptions Over(
        double share, int difference, double times, int seconds, long size, UnmatchedPrompts unmatched) => this with
        {
            CacheThreshold = CacheThreshold ?? share,
            BalanceAbsThreshold = BalanceAbsThreshold ?? difference,
            BalanceRelThreshold = BalanceRelThreshold ?? times,
            EvictionInterval = EvictionInterval ?? SimTime.FromSeconds(seconds),
            MaxTreeSize = MaxTreeSize ?? size,
            Unmatched = Unmatched ?? unmatched,
        };
}

/// <summary>The defaults that SGLang's routers were published with.</summary>
public enum SglangDefaults
{
    /// <summary>Those of sglang-router's Python command line.</summary>
    Python,

    /// <summary>Those of the Rust gateway (SMG).</summary>
    Smg,
}

/// <summary>Where a prompt goes of which no replica was sent enough.</summary>
public enum UnmatchedPrompts
{
    /// <summary>The replica of which the fewest tokens are remembered (sglang-router up to 0.2).</summary>
    SmallestTree,

    /// <summary>The replica with the fewest unended requests (SMG).</summary>
    LeastLoaded,
}

/// <summary>
/// SGLang's cache_aware policy. While loads differ too much: the fewest unended requests. Otherwise the replica that
/// was sent the longest prefix of the prompt, if that is more than cache_threshold of it; else as unmatched says. Load
/// is what this router sent and what has not ended. What replicas gave up from their caches it never
/// learns, only that one has left, as if its worker were removed and added again.
/// </summary>
/// <remarks>
/// Ties, which the real router leaves to its hash tables: among those that were sent the prefix the fewest unended
/// requests; then the first. Least loads: python the first; smg the fewest requests sent so far, then the first.
/// The comparisons are in single precision, as there (cache_aware.rs).
/// </remarks>
public sealed class SglangCacheAwareRouter : IRouter
{
    private readonly SglangCacheAwareOptions _options;
    private readonly PrefixTree _tree = new();
    private readonly Dictionary<int, long> _sent = [];
    private SimTime _lastEviction;

    /// <summary>A router that has sent nothing yet.</summary>
    public SglangCacheAwareRouter(SglangCacheAwareOptions options) => _options = options.Filled();

    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        EvictIfDue(replicas[0].Now);
        if (IsImbalanced(replicas))
        {
            return LeastLoaded(replicas);
        }

        PrefixTree.Match match = _tree.Find(request.Prompt);
        if ((float)match.Tokens / request.PromptTokens > (float)_options.CacheThreshold!
            && FirstBest(replicas, i => match.At.Marks.ContainsKey(replicas[i].Index), Load) is { } holder)
        {
            PrefixTree.Touch(match, replicas[holder].Index, replicas[0].Now);
            return holder;
        }

        return _options.Unmatched == UnmatchedPrompts.LeastLoaded
            ? LeastLoaded(replicas)
            : FirstBest(replicas, _ => true, r => (_tree.TokensOf(r.Index), 0))!.Value;
    }

    /// <inheritdoc/>
    public void Sent(ClientRequest request, ReplicaView replica)
    {
        if (_sent.TryAdd(replica.Index, 0))
        {
            replica.Left += () => _tree.Forget(replica.Index);
        }

        _sent[replica.Index]++;
        if (replica.IsRoutable)
        {
            _tree.Insert(request.Prompt, replica.Index, replica.Now);
        }
    }

    private static (long, long) Load(ReplicaView replica) => (replica.Outstanding, 0);

    private static int? FirstBest(
        IReadOnlyList<ReplicaView> replicas, Func<int, bool> isCandidate, Func<ReplicaView, (long, long)> cost)
    {
        int? best = null;
        (long, long) least = default;
        for (int i = 0; i < replicas.Count; i++)
        {
            if (isCandidate(i) && cost(replicas[i]) is var own && (best is null || own.CompareTo(least) < 0))
            {
                (best, least) = (i, own);
            }
        }

        return best;
    }

    private int LeastLoaded(IReadOnlyList<ReplicaView> replicas) => FirstBest(
        replicas,
        _ => true,
        _options.Defaults == SglangDefaults.Python
            ? Load
            : r => (r.Outstanding, _sent.GetValueOrDefault(r.Index)))!.Value;

    private bool IsImbalanced(IReadOnlyList<ReplicaView> replicas)
    {
        (int least, int most) = (int.MaxValue, 0);
        for (int i = 0; i < replicas.Count; i++)
        {
            int load = replicas[i].Outstanding;
            (least, most) = (Math.Min(least, load), Math.Max(most, load));
        }

        return most - least > _options.BalanceAbsThreshold!
            && most > least * (float)_options.BalanceRelThreshold!;
    }

    /// <summary>
    /// Evicts what was due at a multiple of the interval since the last look: between two requests nothing changes.
    /// </summary>
    private void EvictIfDue(SimTime now)
    {
        long interval = _options.EvictionInterval!.Value.Ticks;
        if (interval > 0 && now.Ticks / interval > _lastEviction.Ticks / interval)
        {
            _tree.Evict(_options.MaxTreeSize!.Value / _options.CharsPerToken);
            _lastEviction = now;
        }
    }
}
