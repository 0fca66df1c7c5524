using ServingSim.Kernel;

namespace ServingSim.Engine.Kv;

/// <summary>
/// The keys of a request's full blocks, prompt first, then its own output: key i depends on every token before the end
/// of block i (vLLM V1: h_i = H(h_{i-1}, tokens_i), the cache salt entering with the first block).
/// </summary>
internal sealed class BlockKeyChain
{
    private const ulong LowSeed = 0x5851F42D4C957F2D;
    private readonly PromptContent _prompt;
    private readonly TokenStream _output;
    private readonly int _blockSize;
    private readonly List<BlockKey> _keys;
    private int _segment;
    private int _offset;

    internal BlockKeyChain(PromptContent prompt, TokenStream output, int blockSize, int capacity)
    {
        (_prompt, _output, _blockSize) = (prompt, output, blockSize);
        _keys = new List<BlockKey>(capacity);
    }

    /// <summary>The key of block <paramref name="index"/>; the chain is extended as far as it is asked.</summary>
    internal BlockKey this[int index]
    {
        get
        {
            while (_keys.Count <= index)
            {
                _keys.Add(NextKey());
            }

            return _keys[index];
        }
    }

    /// <summary>The key before block <paramref name="index"/>: the root's for the first block.</summary>
    internal BlockKey Parent(int index) => index == 0 ? Root : this[index - 1];

    private BlockKey Root => _prompt.CacheSalt is { } salt
        ? new BlockKey(Mixing.Combine(1, (ulong)salt), Mixing.Combine(LowSeed, (ulong)salt))
        : default;

    private BlockKey NextKey()
    {
        BlockKey key = Parent(_keys.Count);
        int missing = _blockSize;
        while (missing > 0)
        {
            bool inPrompt = _segment < _prompt.Segments.Length;
            TokenStream stream = inPrompt ? _prompt.Segments[_segment].Stream : _output;
            int tokens = inPrompt ? Math.Min(missing, _prompt.Segments[_segment].Tokens - _offset) : missing;
            key = Append(key, stream, _offset, tokens);
            (missing, _offset) = (missing - tokens, _offset + tokens);
            if (inPrompt && _offset == _prompt.Segments[_segment].Tokens)
            {
                (_segment, _offset) = (_segment + 1, 0);
            }
        }

        return key;
    }

    private static BlockKey Append(BlockKey key, TokenStream stream, int offset, int tokens)
    {
        ulong positions = ((ulong)(uint)offset << 32) | (uint)tokens;
        ulong identity = Mixing.Combine((ulong)stream.Kind, (ulong)stream.Id);
        return new BlockKey(
            Mixing.Combine(Mixing.Combine(key.High, identity), positions),
            Mixing.Combine(Mixing.Combine(key.Low ^ LowSeed, positions), identity));
    }
}
