using System.Runtime.InteropServices;
using ServingSim.Engine.Kv.Eviction;
using ServingSim.Kernel;

namespace ServingSim.Engine.Kv;

/// <summary>
/// Which physical block holds what, where prefix caching is on. A used block that holds no full block of tokens has no
/// identity worth knowing: all of them lie in one heap, and a request owns a number of them. Blocks that decoding fills
/// are registered when somebody could notice: when their request is released, or before a prompt that quotes generated
/// tokens looks up or registers what follows the last registered block of a decoding request.
/// </summary>
internal sealed class PrefixCache
{
    private readonly int _totalBlocks;
    private readonly int _blockSize;
    private readonly IEvictionPolicy _policy;
    private readonly PrefixIndex _index;
    private readonly Stack<BlockId> _unhashed = new();
    private readonly Dictionary<BlockKey, Request> _growing = [];
    private readonly List<BlockId> _found = [];
    private readonly List<BlockId> _freed = [];
    private readonly Stack<BlockKeyChain> _spareChains = new();
    private Request? _foundFor;
    private BlockId[] _taken = new BlockId[64];

    internal PrefixCache(int totalBlocks, int blockSize, IEvictionPolicy policy)
    {
        (_totalBlocks, _blockSize, _policy) = (totalBlocks, blockSize, policy);
        _index = new PrefixIndex(totalBlocks);
    }

    /// <summary>How many cached blocks were given up so far.</summary>
    internal long EvictedBlocks { get; private set; }

    /// <summary>Used blocks without a full block of registered tokens.</summary>
    internal int UnhashedBlocks => _unhashed.Count;

    /// <summary>
    /// The longest cached prefix, block by block up to the first miss; the last known token is always left to compute,
    /// because its logits are needed (vLLM V1 get_computed_blocks: at most ⌊(T − 1)/block_size⌋ blocks).
    /// </summary>
    internal PrefixHit Find(Request request)
    {
        BlockKeyChain chain = ChainOf(request);
        int limit = (request.KnownTokens - 1) / _blockSize;
        int unused = 0;
        _found.Clear();
        _foundFor = request;
        while (_found.Count < limit)
        {
            RegisterGrowthBefore(request, _found.Count);
            if (!_index.TryFind(chain[_found.Count], out BlockId block))
            {
                break;
            }

            unused += _index.ReferencesTo(block) == 0 ? 1 : 0;
            _found.Add(block);
        }

        return new PrefixHit(_found.Count * _blockSize, _found.Count, unused);
    }

    /// <summary>Whether a decoding request goes on where the hit that <see cref="Find"/> has just found ends.</summary>
    internal bool GrowthCanExtendHit(Request request) =>
        request.Prompt.QuotesFrom is not null && _growing.ContainsKey(ChainOf(request).Parent(_found.Count));

    /// <summary>Gives the blocks that <see cref="Find"/> has just found to the request.</summary>
    internal void Claim(Request request)
    {
        Check.That(_foundFor == request, $"the last search was not for request {request.Id}");
        List<BlockId> blocks = ChainOf(request).HashedBlocks;
        Check.That(blocks.Count == 0, $"request {request.Id} holds blocks already");
        _freed.Clear();
        for (int i = _found.Count - 1; i >= 0; i--)
        {
            BlockId block = _found[i];
            if (_index.ReferencesTo(block)++ == 0)
            {
                _freed.Add(block);
            }

            _policy.Hit(block, _index.KeyOf(block));
        }

        if (_freed.Count > 0)
        {
            _policy.Reused(new BlockRun(CollectionsMarshal.AsSpan(_freed)));
        }

        blocks.AddRange(_found);
        _foundFor = null;
    }

    /// <summary>Takes <paramref name="count"/> blocks from the policy; whatever they held is evicted.</summary>
    internal void Take(int count)
    {
        if (count > _taken.Length)
        {
            Array.Resize(ref _taken, Math.Max(count, _taken.Length * 2));
        }

        Span<BlockId> taken = _taken.AsSpan(0, count);
        _policy.Take(taken);
        foreach (BlockId block in taken)
        {
            Check.That(_index.ReferencesTo(block) == 0, $"{block} is in use and cannot be evicted");
            if (_index.IsRegistered(block))
            {
                _index.Unregister(block);
                EvictedBlocks++;
            }

            _unhashed.Push(block);
        }
    }

    /// <summary>
    /// Registers the blocks that a prefill fills. vLLM V1 does so when a step is scheduled, before it is computed, so
    /// that a second request of the same step already hits them.
    /// </summary>
    internal void Register(Request request)
    {
        BlockKeyChain chain = ChainOf(request);
        int full = request.ComputedTokens / _blockSize;
        for (int i = chain.HashedBlocks.Count; i < full; i++)
        {
            RegisterGrowthBefore(request, i);
            RegisterNext(chain);
        }
    }

    /// <summary>From here on the request's blocks fill by decoding, unseen.</summary>
    internal void StartGrowing(Request request)
    {
        BlockKeyChain chain = ChainOf(request);
        BlockKey last = chain.Parent(chain.HashedBlocks.Count);
        request.GrowsAfter = last;
        ref Request? first = ref CollectionsMarshal.GetValueRefOrAddDefault(_growing, last, out _);
        request.NextGrowing = first;
        first = request;
    }

    /// <summary>
    /// Takes back a request's blocks; returns how many no other request uses, so that they are free now.
    /// </summary>
    internal int Release(Request request, int blocks)
    {
        StopGrowing(request);
        RegisterFilled(request);
        List<BlockId> hashed = ChainOf(request).HashedBlocks;
        int freed = blocks - hashed.Count;
        _freed.Clear();
        for (int i = 0; i < freed; i++)
        {
            _freed.Add(_unhashed.Pop());
        }

        FreeCollected(hashed: false);
        for (int i = hashed.Count - 1; i >= 0; i--)
        {
            if (--_index.ReferencesTo(hashed[i]) == 0)
            {
                _freed.Add(hashed[i]);
            }
        }

        freed += _freed.Count;
        FreeCollected(hashed: true);
        hashed.Clear();
        return freed;
    }

    /// <summary>The request, which holds no block, will not come back.</summary>
    internal void Retire(Request request)
    {
        if (request.Keys is { } chain)
        {
            _spareChains.Push(chain);
            request.Keys = null;
        }
    }

    /// <summary>Forgets every cached block (vLLM's reset_prefix_cache); no block may be in use.</summary>
    internal void Forget()
    {
        for (int i = 1; i < _totalBlocks; i++)
        {
            if (_index.IsRegistered(new BlockId(i)))
            {
                _index.Unregister(new BlockId(i));
            }
        }
    }

    private BlockKeyChain ChainOf(Request request)
    {
        if (request.Keys is { } chain)
        {
            return chain;
        }

        // From one that has finished: as many as requests live at a time
        if (!_spareChains.TryPop(out chain))
        {
            chain = new BlockKeyChain(_blockSize);
        }

        chain.Begin(request.Prompt, TokenStream.OutputOf(request.Id.Client));
        return request.Keys = chain;
    }

    /// <summary>
    /// Registers what decoding requests have filled that block <paramref name="index"/> of a prompt could equal: only a
    /// block with generated tokens can. Theirs was filled first, so it comes first in the index.
    /// </summary>
    private void RegisterGrowthBefore(Request request, int index)
    {
        bool quotes = request.Prompt.QuotesFrom < (index + 1) * _blockSize;
        if (!quotes || !_growing.TryGetValue(ChainOf(request).Parent(index), out Request? growing))
        {
            return;
        }

        while (growing is not null)
        {
            Request? next = growing.NextGrowing;
            if (growing.ComputedTokens / _blockSize > ChainOf(growing).HashedBlocks.Count)
            {
                StopGrowing(growing);
                RegisterFilled(growing);
                StartGrowing(growing);
            }

            growing = next;
        }
    }

    private void RegisterFilled(Request request)
    {
        BlockKeyChain chain = ChainOf(request);
        int full = request.ComputedTokens / _blockSize;
        while (chain.HashedBlocks.Count < full)
        {
            RegisterNext(chain);
        }
    }

    private void RegisterNext(BlockKeyChain chain)
    {
        BlockKey key = chain[chain.HashedBlocks.Count];
        BlockId block = _unhashed.Pop();
        _index.ReferencesTo(block) = 1;
        _index.Register(block, key);
        _policy.Inserted(block, key);
        chain.HashedBlocks.Add(block);
    }

    private void StopGrowing(Request request)
    {
        if (request.GrowsAfter is not { } last)
        {
            return;
        }

        Request first = _growing[last];
        if (first != request)
        {
            while (first.NextGrowing != request)
            {
                first = first.NextGrowing!;
            }

            first.NextGrowing = request.NextGrowing;
        }
        else if (request.NextGrowing is { } next)
        {
            _growing[last] = next;
        }
        else
        {
            _growing.Remove(last);
        }

        (request.GrowsAfter, request.NextGrowing) = (null, null);
    }

    private void FreeCollected(bool hashed)
    {
        if (_freed.Count > 0)
        {
            _policy.Freed(new BlockRun(CollectionsMarshal.AsSpan(_freed)), hashed);
            _freed.Clear();
        }
    }
}
