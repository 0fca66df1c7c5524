using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>Options of <c>jsq-tokens</c>.</summary>
/// <param name="ExpectedOutputTokens">
/// Tokens that each unended request counts for beside its prompt; 0 compares prompts alone.
/// </param>
public sealed record JsqTokensOptions(int ExpectedOutputTokens = 0) : IValidated
{
    /// <inheritdoc/>
    public IEnumerable<(string? Parameter, string Problem)> Problems()
    {
        if (ExpectedOutputTokens < 0)
        {
            yield return (nameof(ExpectedOutputTokens), $"found {ExpectedOutputTokens}, expected at least 0");
        }
    }
}

/// <summary>
/// Join the shortest queue by tokens: the replica whose unended requests have the fewest prompt and expected output
/// tokens; ties go to the first.
/// </summary>
public sealed class JsqTokensRouter(JsqTokensOptions options) : IRouter
{
    private readonly Func<ReplicaView, long> _tokensOf = replica =>
        replica.OutstandingPromptTokens + ((long)replica.Outstanding * options.ExpectedOutputTokens);

    private LeastByCount? _least;

    /// <inheritdoc/>
    public int Choose(ClientRequest request, IReadOnlyList<ReplicaView> replicas)
    {
        _least = LeastByCount.Of(replicas, _tokensOf, _least);
        return _least.First;
    }
}
