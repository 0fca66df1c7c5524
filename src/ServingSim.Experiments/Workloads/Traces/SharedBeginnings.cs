using ServingSim.Engine;

namespace ServingSim.Experiments.Workloads.Traces;

/// <summary>
/// What prompts are made of where a log tells only how many of their first tokens some earlier prompt had. Which one is
/// not told: it is taken to be the shortest that is long enough, the latest of equals, as the next turn of a
/// conversation repeats the whole of the turn before.
/// </summary>
internal sealed class SharedBeginnings
{
    private readonly List<(int Tokens, TokenSegment[] Segments)> _prompts = [];

    /// <summary>The segments of the next prompt, all of them.</summary>
    /// <param name="promptTokens">Its length, at least 1.</param>
    /// <param name="shared">How many of its first tokens an earlier prompt had; at most its length.</param>
    public TokenSegment[] Add(int promptTokens, int shared)
    {
        List<TokenSegment> segments = [];
        int own = promptTokens;
        if (shared > 0 && Earlier(shared) is { } earlier)
        {
            own -= shared;
            foreach (TokenSegment segment in earlier.TakeWhile(_ => shared > 0))
            {
                segments.Add(segment with { Tokens = Math.Min(segment.Tokens, shared) });
                shared -= segments[^1].Tokens;
            }
        }

        if (own > 0)
        {
            segments.Add(new TokenSegment(TokenStream.Shared(_prompts.Count), own));
        }

        _prompts.Add((promptTokens, [.. segments]));
        return _prompts[^1].Segments;
    }

    private TokenSegment[]? Earlier(int shared)
    {
        (int Tokens, TokenSegment[] Segments)? best = null;
        foreach ((int Tokens, TokenSegment[] Segments) prompt in _prompts.Where(p => p.Tokens >= shared))
        {
            best = best is null || prompt.Tokens <= best.Value.Tokens ? prompt : best;
        }

        return best?.Segments;
    }
}
