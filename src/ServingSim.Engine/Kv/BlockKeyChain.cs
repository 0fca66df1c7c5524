using ServingSim.Kernel;

namespace ServingSim.Engine.Kv;

/// <summary>
/// The keys of a request's full blocks, prompt first, then its own output: key i depends on every token before the end
/// of block i (vLLM V1: h_i = H(h_{i-1}, tokens_i), the cache salt entering with the first block). Used again for
/// other requests, so that a request allocates nothing.
/// </summary>
internal sealed class BlockKeyChain(int blockSize)
{
    private const ulong LowSeed = 0x5851F42D4C957F2D;
    private PromptContent? _prompt;
    private TokenStream _output;
    private BlockKey[] _keys = [];
    private int _count;
    private int _segment;
    private int _offset;

    /// <summary>Of the stream that the next key goes on with.</summary>
    private ulong _identity;

    /// <summary>The blocks that hold the first keys and that the request uses.</summary>
    internal List<BlockId> HashedBlocks { get; } = [];

    /// <summary>The key of block <paramref name="index"/>; the chain is extended as far as it is asked.</summary>
    internal BlockKey this[int index]
    {
        get
        {
            while (_count <= index)
            {
                AddKey();
            }

            return _keys[index];
        }
    }

    private BlockKey Root => _prompt!.CacheSalt is { } salt
        ? new BlockKey(Mixing.Combine(1, (ulong)salt), Mixing.Combine(LowSeed, (ulong)salt))
        : default;

    /// <summary>Becomes the chain of a request.</summary>
    internal void Begin(PromptContent prompt, TokenStream output)
    {
        (_prompt, _output, _count, _segment, _offset) = (prompt, output, 0, 0, 0);
        _identity = IdentityOf(prompt.Segments[0].Stream);
    }

    /// <summary>The key before block <paramref name="index"/>: the root's for the first block.</summary>
    internal BlockKey Parent(int index) => index == 0 ? Root : this[index - 1];

    private static ulong IdentityOf(TokenStream stream) => Mixing.Combine((ulong)stream.Kind, (ulong)stream.Id);

    private void AddKey()
    {
        if (_count == _keys.Length)
        {
            Array.Resize(ref _keys, Math.Max(64, 2 * _count));
        }

        BlockKey key = _count == 0 ? Root : _keys[_count - 1];
        ReadOnlySpan<TokenSegment> segments = _prompt!.Segments;
        int missing = blockSize;
        while (missing > 0)
        {
            bool inPrompt = _segment < segments.Length;
            int tokens = inPrompt ? Math.Min(missing, segments[_segment].Tokens - _offset) : missing;
            key = Append(key, _identity, _offset, tokens);
            (missing, _offset) = (missing - tokens, _offset + tokens);
            if (inPrompt && _offset == segments[_segment].Tokens)
            {
                (_segment, _offset) = (_segment + 1, 0);
                _identity = IdentityOf(_segment < segments.Length ? segments[_segment].Stream : _output);
            }
        }

        _keys[_count++] = key;
    }

    private static BlockKey Append(BlockKey key, ulong identity, int offset, int tokens)
    {
        // What is added is mixed first, so that only one combination waits for the key before
        ulong positions = ((ulong)(uint)offset << 32) | (uint)tokens;
        return new BlockKey(
            Mixing.Combine(key.High, Mixing.Combine(identity, positions)),
            Mixing.Combine(key.Low, Mixing.Combine(positions ^ LowSeed, identity)));
    }
}
