using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// What a prompt is made of, for prefix caching: segments of token streams, in order. Two prompts share a prefix as
/// far as they hold the same positions of the same streams.
/// </summary>
public sealed class PromptContent
{
    /// <summary>The only part, where there is one, which most prompts are: no array for them.</summary>
    private readonly TokenSegment _only;

    private readonly TokenSegment[]? _several;

    private PromptContent(ReadOnlySpan<TokenSegment> segments, long? cacheSalt)
    {
        foreach (TokenSegment segment in segments)
        {
            Check.That(segment.Tokens >= 1, $"a prompt segment of {segment.Tokens} tokens");
            QuotesFrom ??= segment.Stream.Kind == TokenStreamKind.Output ? Tokens : null;
            Tokens = checked(Tokens + segment.Tokens);
        }

        Check.That(Tokens >= 1, "a prompt without tokens");
        (_only, _several) = (segments[0], segments.Length == 1 ? null : segments.ToArray());
        CacheSalt = cacheSalt;
    }

    /// <summary>The prompt's length in tokens, at least one.</summary>
    public int Tokens { get; }

    /// <summary>
    /// Where the first token stands that some request generated; null for a prompt without such tokens.
    /// </summary>
    internal int? QuotesFrom { get; }

    /// <summary>The parts, in order.</summary>
    public ReadOnlySpan<TokenSegment> Segments => _several ?? new ReadOnlySpan<TokenSegment>(in _only);

    /// <summary>Requests share cached prefixes only with requests of the same salt (vLLM's cache_salt).</summary>
    public long? CacheSalt { get; }

    /// <summary>A prompt that shares nothing with any other client request's.</summary>
    public static PromptContent OwnOf(long client, int tokens) =>
        Of(new TokenSegment(TokenStream.OwnOf(client), tokens));

    /// <summary>A prompt of the given segments.</summary>
    public static PromptContent Of(params ReadOnlySpan<TokenSegment> segments) => new(segments, null);

    /// <summary>The same prompt, its streams under other names.</summary>
    public PromptContent WithStreams(Func<TokenStream, TokenStream> rename) =>
        new(Segments.ToArray().Select(s => s with { Stream = rename(s.Stream) }).ToArray(), CacheSalt);

    /// <summary>The same prompt under a cache salt.</summary>
    public PromptContent WithSalt(long salt) => new(Segments, salt);
}
