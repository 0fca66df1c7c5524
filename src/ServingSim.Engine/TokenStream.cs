namespace ServingSim.Engine;

/// <summary>
/// A sequence of tokens with an identity: two prompts that hold the same positions of the same stream hold the same
/// tokens. The simulator knows tokens only in this way.
/// </summary>
/// <param name="Kind">Who made the tokens.</param>
/// <param name="Id">Which of them.</param>
public readonly record struct TokenStream(TokenStreamKind Kind, long Id)
{
    /// <summary>Tokens that only client request <paramref name="client"/> has.</summary>
    public static TokenStream OwnOf(long client) => new(TokenStreamKind.Own, client);

    /// <summary>The tokens that client request <paramref name="client"/> generates.</summary>
    public static TokenStream OutputOf(long client) => new(TokenStreamKind.Output, client);

    /// <summary>Tokens that a group of requests shares, a system prompt for instance.</summary>
    public static TokenStream Shared(long group) => new(TokenStreamKind.Shared, group);

    /// <summary>The tokens behind one hash id of a trace.</summary>
    public static TokenStream TraceBlock(long hashId) => new(TokenStreamKind.TraceBlock, hashId);
}

/// <summary>Who made a stream's tokens.</summary>
public enum TokenStreamKind
{
    /// <summary>One client, for one request only.</summary>
    Own,

    /// <summary>The model, answering one request.</summary>
    Output,

    /// <summary>A group of requests has them in common.</summary>
    Shared,

    /// <summary>A trace names them by a hash id.</summary>
    TraceBlock,
}

/// <summary>The first tokens of a stream, as a part of a prompt.</summary>
/// <param name="Stream">Which stream.</param>
/// <param name="Tokens">How many of its first tokens.</param>
public readonly record struct TokenSegment(TokenStream Stream, int Tokens);
