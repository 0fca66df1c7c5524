using ServingSim.Engine;
using ServingSim.Engine.Kv;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>What routers hash of a request: equal text or tokens give equal keys, on every machine.</summary>
internal static class RoutingKeys
{
    private const ulong TextSeed = 1;
    private const ulong TokensSeed = 2;

    internal static ulong OfText(string text) =>
        text.Aggregate(TextSeed, (key, letter) => Mixing.Combine(key, letter));

    /// <summary>The key of the prompt's first tokens, or of all where it has fewer.</summary>
    internal static ulong OfFirst(PromptContent prompt, int tokens) =>
        Chain(prompt, Math.Min(tokens, prompt.Tokens), 1)[0];

    /// <summary>A key for what a block of an engine's cache holds.</summary>
    internal static ulong OfBlock(BlockKey key) => Mixing.Combine(key.High, key.Low + (ulong)key.Index);

    /// <summary>A key for each full block of the prompt that depends on all tokens up to the block's end.</summary>
    internal static ulong[] OfBlocks(PromptContent prompt, int blockTokens) =>
        OfBlocks(prompt, blockTokens, prompt.Tokens / blockTokens);

    /// <summary>The same for the first blocks only.</summary>
    internal static ulong[] OfBlocks(PromptContent prompt, int blockTokens, int blocks) =>
        Chain(prompt, blockTokens, blocks);

    private static ulong[] Chain(PromptContent prompt, int blockTokens, int blocks)
    {
        ulong key = prompt.CacheSalt is { } salt ? Mixing.Combine(TokensSeed, (ulong)salt) : TokensSeed;
        ulong[] keys = new ulong[blocks];
        (int segment, int offset) = (0, 0);
        for (int block = 0; block < blocks; block++)
        {
            int missing = blockTokens;
            while (missing > 0)
            {
                (TokenStream stream, int length) = prompt.Segments[segment];
                int tokens = Math.Min(missing, length - offset);
                key = Mixing.Combine(Mixing.Combine(key, (ulong)stream.Kind), (ulong)stream.Id);
                key = Mixing.Combine(key, ((ulong)(uint)offset << 32) | (uint)tokens);
                (missing, offset) = (missing - tokens, offset + tokens);
                (segment, offset) = offset == length ? (segment + 1, 0) : (segment, offset);
            }

            keys[block] = key;
        }

        return keys;
    }
}
