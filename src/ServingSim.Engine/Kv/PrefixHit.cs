namespace ServingSim.Engine.Kv;

/// <summary>
/// How much of a waiting request's tokens the prefix cache holds; good until blocks next change hands.
/// </summary>
/// <param name="Tokens">Cached tokens, a whole number of blocks, always fewer than the request knows.</param>
/// <param name="Blocks">The blocks that hold them.</param>
/// <param name="UnusedBlocks">Those of them that no request uses, so that a hit takes them from the free
/// blocks.</param>
public readonly record struct PrefixHit(int Tokens, int Blocks, int UnusedBlocks);
