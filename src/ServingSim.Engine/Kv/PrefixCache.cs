using System.Runtime.InteropServices;
using ServingSim.Engine.Kv.Eviction;
using ServingSim.Kernel;

namespace ServingSim.Engine.Kv;

/// <summary>
/// Which blocks hold what, where prefix caching is on, in runs of adjacent blocks. A used block that holds no full
/// block of tokens has no identity worth knowing: a request owns a number of them. Blocks that decoding fills are
/// registered when somebody could notice: when their request is released, or before a prompt that quotes generated
/// tokens looks up or registers blocks of the stretch that a decoding request fills.
/// </summary>
internal sealed class PrefixCache
{
    private readonly KvCache _kv;
    private readonly int _blockSize;
    private readonly IEvictionPolicy _policy;
    private readonly int _longestRun;
    private readonly PrefixIndex _index;

    /// <summary>The requests that fill a stretch unseen, by its key; the others hang on the first.</summary>
    private readonly Dictionary<BlockKey, Request> _growing = [];

    private readonly List<BlockRun> _found = [];
    private readonly List<int> _released = [];
    private readonly Stack<BlockKeyChain> _spareChains = new();

    /// <summary>Who hears what is cached; null as long as nobody does.</summary>
    private KvCacheObservers? _observers;

    private Request? _foundFor;
    private int _foundBlocks;

    /// <summary>Used blocks without a full block of registered tokens.</summary>
    private int _unhashed;

    internal PrefixCache(KvCache kv, IEvictionPolicy policy)
    {
        (_kv, _blockSize, _policy, _longestRun) = (kv, kv.BlockSize, policy, policy.LongestRun);
        _index = new PrefixIndex(kv.TotalBlocks);
        _unhashed = kv.TotalBlocks - 1;
        FreeUnhashed(kv.TotalBlocks - 1);
    }

    /// <summary>How many cached blocks were given up so far.</summary>
    internal long EvictedBlocks { get; private set; }

    /// <summary>
    /// The longest cached prefix, up to the first miss; the last known token is always left to compute, because its
    /// logits are needed (vLLM V1 get_computed_blocks: at most ⌊(T − 1)/block_size⌋ blocks).
    /// </summary>
    internal PrefixHit Find(Request request)
    {
        BlockKeyChain chain = ChainOf(request);
        int limit = (request.KnownTokens - 1) / _blockSize;
        int unused = 0;
        (_foundFor, _foundBlocks) = (request, 0);
        _found.Clear();
        while (_foundBlocks < limit)
        {
            Stretch stretch = chain.StretchOf(_foundBlocks);
            if (_foundBlocks == stretch.First)
            {
                RegisterGrowthIn(request, stretch);
            }

            if (!_index.TryFind(stretch.Key.Later(_foundBlocks - stretch.First), out int run))
            {
                break;
            }

            int blocks = Math.Min(_index.BlocksOf(run), Math.Min(stretch.End, limit) - _foundBlocks);
            unused += _index.ReferencesTo(run) == 0 ? blocks : 0;
            _found.Add(new BlockRun(run, blocks));
            _foundBlocks += blocks;
        }

        return new PrefixHit(_foundBlocks * _blockSize, _foundBlocks, unused);
    }

    /// <summary>
    /// Whether a decoding request could come to hold what follows the hit of the last <see cref="Find"/>: it may still
    /// be behind the end of the hit, where another prompt quoted its tokens before it generated them.
    /// </summary>
    internal bool GrowthCanExtendHit(Request request)
    {
        if (request.Prompt.QuotesFrom is not { } quotesFrom)
        {
            return false;
        }

        Stretch stretch;
        for (int block = quotesFrom / _blockSize; block <= _foundBlocks; block = stretch.End)
        {
            stretch = ChainOf(request).StretchOf(block);
            if (_growing.ContainsKey(stretch.Key))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives the blocks that <see cref="Find"/> has just found to the request.</summary>
    internal void Claim(Request request)
    {
        Check.That(_foundFor == request, $"the last search was not for request {request.Id}");
        BlockKeyChain chain = ChainOf(request);
        Check.That(chain.RegisteredBlocks == 0, $"request {request.Id} holds blocks already");
        foreach (BlockRun run in _found)
        {
            if (run.Blocks < _index.BlocksOf(run.Number))
            {
                Cut(run);
            }

            if (_index.ReferencesTo(run.Number)++ == 0)
            {
                _policy.Reused(run);
            }

            _policy.Hit(run, _index.KeyOf(run.Number)!.Value);
            chain.Registered.Add(run);
        }

        (chain.RegisteredBlocks, chain.LastIsDuplicate) = (_foundBlocks, false);
        _foundFor = null;
    }

    /// <summary>Takes <paramref name="count"/> blocks from the policy; whatever they held is evicted.</summary>
    internal void Take(int count)
    {
        _unhashed += count;
        while (count > 0)
        {
            BlockRun taken = _policy.Take(count);
            if (_index.KeyOf(taken.Number) is { } first)
            {
                EvictedBlocks += taken.Blocks;
                BlockKey last = first.Later(_index.BlocksOf(taken.Number) - taken.Blocks);
                _observers?.Removed(last, taken.Blocks);
            }

            _index.Shorten(taken);
            count -= taken.Blocks;
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
        while (chain.RegisteredBlocks < full)
        {
            RegisterGrowthIn(request, chain.StretchOf(chain.RegisteredBlocks));
            RegisterNext(chain, full);
        }
    }

    /// <summary>From here on the request's blocks fill by decoding, unseen.</summary>
    internal void StartGrowing(Request request)
    {
        BlockKeyChain chain = ChainOf(request);
        BlockKey stretch = chain.StretchOf(chain.RegisteredBlocks).Key;
        chain.GrowsIn = stretch;
        ref Request? first = ref CollectionsMarshal.GetValueRefOrAddDefault(_growing, stretch, out _);
        request.NextGrowing = first;
        first = request;
    }

    /// <summary>Registers what a request has filled by decoding.</summary>
    internal void RegisterGrowth(Request request)
    {
        if (FullBlocksOf(request, 0) > ChainOf(request).RegisteredBlocks)
        {
            StopGrowing(request);
            RegisterFilled(request, 0);
            StartGrowing(request);
        }
    }

    /// <summary>
    /// Takes back a request's blocks; returns how many no other request uses, so that they are free now.
    /// </summary>
    internal int Release(Request request, int blocks, int unwritten)
    {
        StopGrowing(request);
        RegisterFilled(request, unwritten);
        BlockKeyChain chain = ChainOf(request);
        int freed = blocks - chain.RegisteredBlocks;
        FreeUnhashed(freed);
        _released.Clear();
        foreach (BlockRun run in chain.Registered)
        {
            // It may have been cut since
            int number = run.Number;
            for (int left = run.Blocks; left > 0; number = _index.RestOf(number))
            {
                left -= _index.BlocksOf(number);
                _released.Add(number);
            }
        }

        for (int i = _released.Count - 1; i >= 0; i--)
        {
            int number = _released[i];
            if (--_index.ReferencesTo(number) == 0)
            {
                BlockRun run = new(number, _index.BlocksOf(number));
                _policy.Freed(run, _index.KeyOf(number));
                freed += run.Blocks;
            }
        }

        chain.Registered.Clear();
        chain.RegisteredBlocks = 0;
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
        _index.Forget();
        _observers?.Cleared();
    }

    /// <summary>Tells what is cached now, and from now on whatever becomes cached or is given up.</summary>
    internal void Tell(IKvCacheObserver observer)
    {
        (_observers ??= new KvCacheObservers()).Add(observer);
        _index.TellAll(observer);
    }

    /// <summary>Registers what decoding requests have filled of what a prompt quotes.</summary>
    internal void RegisterGrowthOf(PromptContent prompt)
    {
        if (prompt.QuotesFrom is not { } quotesFrom || _growing.Count == 0)
        {
            return;
        }

        BlockKeyChain chain = new(_blockSize);
        chain.Begin(prompt, TokenStream.OutputOf(0));
        Stretch stretch;
        for (int block = quotesFrom / _blockSize; block < prompt.Tokens / _blockSize; block = stretch.End)
        {
            stretch = chain.StretchOf(block);
            RegisterGrowthIn(stretch);
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
    /// Registers what decoding requests have filled of a stretch of a prompt: only one with generated tokens can equal
    /// theirs. Theirs were filled first, so they come first in the index.
    /// </summary>
    private void RegisterGrowthIn(Request request, in Stretch stretch)
    {
        if (request.Prompt.QuotesFrom / _blockSize < stretch.End)
        {
            RegisterGrowthIn(stretch);
        }
    }

    private void RegisterGrowthIn(in Stretch stretch)
    {
        Request? growing = _growing.GetValueOrDefault(stretch.Key);
        while (growing is not null)
        {
            Request? next = growing.NextGrowing;
            RegisterGrowth(growing);
            growing = next;
        }
    }

    /// <summary>The blocks of a request whose tokens are all computed or being computed, and known.</summary>
    private int FullBlocksOf(Request request, int unwritten) =>
        (request.ComputedTokens - unwritten - (request.HasTokenIn(_kv.InFlight) ? 1 : 0)) / _blockSize;

    private void RegisterFilled(Request request, int unwritten)
    {
        BlockKeyChain chain = ChainOf(request);
        int full = FullBlocksOf(request, unwritten);
        while (chain.RegisteredBlocks < full)
        {
            RegisterNext(chain, full);
        }
    }

    /// <summary>
    /// Registers the next run of a request's blocks, at most up to block <paramref name="end"/>. A run of several must
    /// hold nothing that another holds: where a block is not cached, those behind it are not either, because each is
    /// given up before the one that precedes it. What comes after a duplicate may be one as well.
    /// </summary>
    private void RegisterNext(BlockKeyChain chain, int end)
    {
        Stretch stretch = chain.StretchOf(chain.RegisteredBlocks);
        int index = chain.RegisteredBlocks - stretch.First;
        BlockKey first = stretch.Key.Later(index);
        chain.LastIsDuplicate = (chain.LastIsDuplicate && index > 0) || _index.TryFind(first, out _);
        int longest = chain.LastIsDuplicate ? 1 : _longestRun;
        int blocks = Math.Min(longest, Math.Min(stretch.End, end) - chain.RegisteredBlocks);
        Check.That(_unhashed >= blocks, $"{blocks} full blocks, {_unhashed} are used without a key");
        BlockRun run = _index.Register(first, blocks);
        _policy.Inserted(run, first);
        _observers?.Stored(first, blocks);
        chain.Registered.Add(run);
        chain.RegisteredBlocks += blocks;
        _unhashed -= blocks;
    }

    private void FreeUnhashed(int blocks)
    {
        _unhashed -= blocks;
        while (blocks > 0)
        {
            BlockRun run = _index.Add(Math.Min(blocks, _longestRun));
            _policy.Freed(run, null);
            blocks -= run.Blocks;
        }
    }

    /// <summary>Cuts the rest off a run of which a prompt hit the first blocks only.</summary>
    private void Cut(BlockRun first)
    {
        BlockRun rest = _index.Cut(first.Number, first.Blocks);
        if (_index.ReferencesTo(first.Number) == 0)
        {
            _policy.Cut(first, rest);
        }
    }

    private void StopGrowing(Request request)
    {
        BlockKeyChain chain = ChainOf(request);
        if (chain.GrowsIn is not { } stretch)
        {
            return;
        }

        Request first = _growing[stretch];
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
            _growing[stretch] = next;
        }
        else
        {
            _growing.Remove(stretch);
        }

        (chain.GrowsIn, request.NextGrowing) = (null, null);
    }
}
