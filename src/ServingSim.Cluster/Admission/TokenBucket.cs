using ServingSim.Kernel;

namespace ServingSim.Cluster.Admission;

/// <summary>Options of <c>token-bucket</c>.</summary>
/// <param name="RatePerS">Tokens that come into the bucket in a second.</param>
/// <param name="Capacity">Tokens that it holds, and has at the start: how large a burst is let in at once.</param>
/// <param name="Cost">What a request takes out of it.</param>
/// <param name="Label">
/// A label of whose every value the requests have a bucket of their own (a tenant's quota); one for all without it.
/// </param>
public sealed record TokenBucketOptions(
    double RatePerS, long Capacity, TokenBucketCost Cost = TokenBucketCost.Request, string? Label = null)
    : IValidated, ILabelOptions
{
    /// <inheritdoc/>
    public (string Parameter, string Label)? RequiredLabel => Label is null ? null : (nameof(Label), Label);

    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (!(RatePerS is >= 1e-6 and <= 1e9))
        {
            yield return (nameof(RatePerS), $"found {RatePerS}, expected a number from 1e-6 to 1e9");
        }

        if (Capacity is < 1 or > 1_000_000_000_000)
        {
            yield return (nameof(Capacity), $"found {Capacity}, expected 1 to 1000000000000");
        }

        if (Label?.Length == 0)
        {
            yield return (nameof(Label), "found empty text, expected a label's name");
        }
    }
}

/// <summary>What a request takes out of a token bucket.</summary>
public enum TokenBucketCost
{
    /// <summary>One token: the rate is one of requests.</summary>
    Request,

    /// <summary>As many as its prompt has: the rate is one of prompt tokens. A longer prompt than the bucket holds is
    /// never let in.</summary>
    PromptTokens,
}

/// <summary>
/// Lets a request in if the bucket holds what it costs, and takes that out; the bucket fills evenly up to its capacity
/// (SGLang's Model Gateway: --rate-limit-tokens-per-second with cost 1, answered with HTTP 429). It counts in whole
/// millionths of a token and ticks, so that whether a request is let in is exact.
/// </summary>
public sealed class TokenBucket(TokenBucketOptions options) : IAdmissionPolicy
{
    private const long PerToken = 1_000_000;

    private readonly long _ratePerS = (long)Math.Round(options.RatePerS * PerToken);
    private readonly Dictionary<string, (Int128 Level, SimTime At)> _buckets = [];

    /// <inheritdoc/>
    public string? ReasonToRefuse(in Applicant applicant)
    {
        ClientRequest request = applicant.Request;
        string bucket = options.Label is { } label ? request.Labels[label] ?? "" : "";
        Int128 full = Scaled(options.Capacity);
        Int128 level = full;
        if (_buckets.TryGetValue(bucket, out (Int128 Level, SimTime At) before))
        {
            level = before.Level + ((Int128)(applicant.Now - before.At).Ticks * _ratePerS);
            level = Int128.Min(level, full);
        }

        Int128 cost = Scaled(options.Cost == TokenBucketCost.Request ? 1 : request.PromptTokens);
        bool isLetIn = level >= cost;
        _buckets[bucket] = (isLetIn ? level - cost : level, applicant.Now);
        return isLetIn ? null : "token_bucket";
    }

    /// <summary>Tokens in the bucket's units.</summary>
    private static Int128 Scaled(long tokens) => (Int128)tokens * PerToken * SimTime.TicksPerSecond;
}
