using ServingSim.Kernel;

namespace ServingSim.Engine.Kv;

/// <summary>
/// The keys of a request's full blocks, prompt first, then its own output, and which of those blocks are registered. A
/// key depends on every token before the end of its block (vLLM V1: h_i = H(h_{i-1}, tokens_i), the cache salt entering
/// with the first block); what it costs follows the number of segments, not of blocks. Used again for other requests,
/// so that a request allocates nothing.
/// </summary>
internal sealed class BlockKeyChain(int blockSize)
{
    private const ulong LowSeed = 0x5851F42D4C957F2D;
    private readonly List<Stretch> _stretches = [];

    /// <summary>The key before the next block, with the tokens already put into that block.</summary>
    private BlockKey _last;

    private int _tokensInBlock;
    private int _blocks;
    private int _lastAsked;

    /// <summary>The registered runs that the request uses: its first blocks, in order.</summary>
    internal List<BlockRun> Registered { get; } = [];

    /// <summary>How many blocks those are.</summary>
    internal int RegisteredBlocks { get; set; }

    /// <summary>Whether the last block that it registered held what another block held already.</summary>
    internal bool LastIsDuplicate { get; set; }

    /// <summary>The key of the stretch that its decoding fills unseen; null while nobody waits for that.</summary>
    internal BlockKey? GrowsIn { get; set; }

    /// <summary>Becomes the chain of a request.</summary>
    internal void Begin(PromptContent prompt, TokenStream output)
    {
        _stretches.Clear();
        (_tokensInBlock, _blocks, _lastAsked) = (0, 0, 0);
        _last = prompt.CacheSalt is { } salt
            ? new BlockKey(Mixing.Combine(1, (ulong)salt), Mixing.Combine(LowSeed, (ulong)salt), 0)
            : default;
        foreach (TokenSegment segment in prompt.Segments)
        {
            Add(segment.Stream, segment.Tokens);
        }

        // As many as fill whole blocks to the last that can be counted
        Add(output, (int.MaxValue / blockSize * blockSize) - prompt.Tokens);
    }

    /// <summary>The stretch that holds a block; quick for one near to that asked for last.</summary>
    internal Stretch StretchOf(int block)
    {
        while (_stretches[_lastAsked].First > block)
        {
            _lastAsked--;
        }

        while (_stretches[_lastAsked].End <= block)
        {
            _lastAsked++;
        }

        return _stretches[_lastAsked];
    }

    private void Add(TokenStream stream, int tokens)
    {
        ulong identity = Mixing.Combine((ulong)stream.Kind, (ulong)stream.Id);
        int done = 0;
        if (_tokensInBlock > 0)
        {
            done = Math.Min(tokens, blockSize - _tokensInBlock);
            _last = Append(_last, identity, 0, done);
            _tokensInBlock += done;
            if (_tokensInBlock < blockSize)
            {
                return;
            }

            AddStretch(_last, 1);
        }

        int blocks = (tokens - done) / blockSize;
        if (blocks > 0)
        {
            AddStretch(Append(_last, identity, done, blockSize), blocks);
            done += blocks * blockSize;
        }

        _tokensInBlock = tokens - done;
        if (_tokensInBlock > 0)
        {
            _last = Append(_last, identity, done, _tokensInBlock);
        }
    }

    private void AddStretch(BlockKey key, int blocks)
    {
        _stretches.Add(new Stretch(key, _blocks, _blocks + blocks));
        _blocks += blocks;
        _last = key.Later(blocks - 1);
    }

    private static BlockKey Append(BlockKey key, ulong identity, int offset, int tokens)
    {
        // What is added is mixed first, so that only one combination waits for the key before
        ulong positions = ((ulong)(uint)offset << 32) | (uint)tokens;
        ulong index = (ulong)key.Index;
        return new BlockKey(
            Mixing.Combine(key.High + index, Mixing.Combine(identity, positions)),
            Mixing.Combine(key.Low + index, Mixing.Combine(positions ^ LowSeed, identity)),
            0);
    }
}
