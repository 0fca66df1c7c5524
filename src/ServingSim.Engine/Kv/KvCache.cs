using ServingSim.Engine.Kv.Eviction;
using ServingSim.Kernel;

namespace ServingSim.Engine.Kv;

/// <summary>
/// A replica's KV blocks. A request holds ⌈C / block_size⌉ of them, C being its computed tokens, so that extending a
/// request needs what its growth adds. Cached blocks that no request uses count as free (vLLM V1 kv_cache_usage).
/// Every verb is all or nothing: one that fails has changed nothing, not even the order of eviction.
/// </summary>
public sealed class KvCache
{
    private readonly PrefixCache? _prefixes;

    /// <summary>Free blocks that hold nothing any more, because they will be taken next.</summary>
    private int _setAside;

    internal KvCache(EngineConfig config, IEvictionPolicy? eviction)
    {
        Check.That(!config.EnablePrefixCaching || eviction is not null, "cached blocks, and nobody gives them up");
        (BlockSize, TotalBlocks, FreeBlocks) = (config.BlockSize, config.NumGpuBlocks, config.NumGpuBlocks - 1);
        _prefixes = config.EnablePrefixCaching ? new PrefixCache(this, eviction!) : null;
    }

    /// <summary>Tokens in a block.</summary>
    public int BlockSize { get; }

    /// <summary>N, the null block included, so that N − 1 can be used.</summary>
    public int TotalBlocks { get; }

    /// <summary>Blocks that no request uses.</summary>
    public int FreeBlocks { get; private set; }

    /// <summary>Blocks that some request uses.</summary>
    public int UsedBlocks => TotalBlocks - 1 - FreeBlocks;

    /// <summary>The used share of the blocks, 0 … 1 (vLLM's kv_cache_usage_perc).</summary>
    public double Usage => (double)UsedBlocks / (TotalBlocks - 1);

    /// <summary>How many cached blocks were given up so far.</summary>
    public long EvictedBlocks => _prefixes?.EvictedBlocks ?? 0;

    /// <summary>
    /// The step whose tokens are still to come: a block counts as full, and is kept for others, only when all its
    /// tokens are known (vLLM V1 with asynchronous scheduling: C less the placeholders).
    /// </summary>
    internal StepPlan? InFlight { get; set; }

    /// <summary>How many blocks hold <paramref name="tokens"/> tokens.</summary>
    public int BlocksFor(int tokens) => (tokens + BlockSize - 1) / BlockSize;

    /// <summary>What the cache holds of a request that has no blocks; empty with prefix caching off.</summary>
    internal PrefixHit Find(Request request)
    {
        Check.That(request.ComputedTokens == 0, $"request {request.Id} has computed {request.ComputedTokens} tokens");
        return _prefixes?.Find(request) ?? default;
    }

    /// <summary>Whether blocks that decoding fills can be hit where the last <see cref="Find"/> ended.</summary>
    internal bool DecodingCanExtendHit(Request request) => _prefixes?.GrowthCanExtendHit(request) ?? false;

    /// <summary>
    /// Whether <paramref name="tokens"/> tokens more than the hit could be given to a request without blocks,
    /// leaving <paramref name="spare"/> blocks free.
    /// </summary>
    internal bool CanAdmit(PrefixHit hit, int tokens, int spare) => BlocksToAdmit(hit, tokens) + spare <= FreeBlocks;

    /// <summary>
    /// Gives a request its hit, which must be of the last <see cref="Find"/>, and blocks for more tokens.
    /// </summary>
    internal bool TryAdmit(Request request, PrefixHit hit, int tokens)
    {
        int needed = BlocksToAdmit(hit, tokens);
        if (needed > FreeBlocks)
        {
            return false;
        }

        _prefixes?.Claim(request);
        FreeBlocks -= hit.UnusedBlocks;
        Take(needed - hit.UnusedBlocks);
        request.SetComputed(hit.Tokens + tokens);
        _prefixes?.Register(request);
        return true;
    }

    /// <summary>Gives a request outside the cohort blocks for <paramref name="tokens"/> tokens more.</summary>
    internal bool TryExtend(Request request, int tokens)
    {
        int computed = request.ComputedTokens + tokens;
        if (!TryTake(BlocksFor(computed) - BlocksFor(request.ComputedTokens)))
        {
            return false;
        }

        request.SetComputed(computed);
        _prefixes?.Register(request);
        return true;
    }

    /// <summary>
    /// Takes blocks for decoding requests, whose numbers of blocks follow from their computed tokens.
    /// </summary>
    internal bool TryTake(int blocks)
    {
        if (blocks > FreeBlocks)
        {
            return false;
        }

        Take(blocks);
        return true;
    }

    /// <summary>Empties all free blocks: they will be taken before any that becomes free from now on.</summary>
    internal void SetFreeBlocksAside()
    {
        _prefixes?.Take(FreeBlocks - _setAside);
        _setAside = FreeBlocks;
    }

    /// <summary>The request starts decoding: its blocks fill without a call for each.</summary>
    internal void StartGrowing(Request request) => _prefixes?.StartGrowing(request);

    /// <summary>Keeps, for others to find, the blocks that a decoding request has filled so far.</summary>
    internal void KeepFilled(Request request) => _prefixes?.RegisterGrowth(request);

    /// <summary>
    /// Gives a request its hit, which must be of the last <see cref="Find"/>, and blocks for the rest of its prompt,
    /// into which its KV is written from elsewhere: nobody can hit them before <see cref="Land"/>.
    /// </summary>
    /// <param name="request">Who.</param>
    /// <param name="hit">What is here already.</param>
    /// <param name="tokens">The tokens of its prompt.</param>
    internal bool TryReserve(Request request, PrefixHit hit, int tokens)
    {
        int needed = BlocksToAdmit(hit, tokens - hit.Tokens);
        if (needed > FreeBlocks)
        {
            return false;
        }

        _prefixes?.Claim(request);
        FreeBlocks -= hit.UnusedBlocks;
        Take(needed - hit.UnusedBlocks);
        request.SetComputed(tokens);
        return true;
    }

    /// <summary>What a request awaited has been written: others can hit it from now on.</summary>
    internal void Land(Request request) => _prefixes?.Register(request);

    /// <summary>Takes back all of a request's blocks; the end of its sequence is given up first.</summary>
    /// <param name="request">Whose.</param>
    /// <param name="unwritten">How many of its last tokens have no KV after all: their blocks are not kept.</param>
    internal void Release(Request request, int unwritten = 0)
    {
        int blocks = BlocksFor(request.ComputedTokens);
        FreeBlocks += _prefixes?.Release(request, blocks, unwritten) ?? blocks;
        Check.That(FreeBlocks < TotalBlocks, $"{FreeBlocks} of {TotalBlocks - 1} blocks are free");
        request.SetComputed(0);
    }

    /// <summary>Tells what is cached now and whatever changes of that; nothing with prefix caching off.</summary>
    internal void Tell(IKvCacheObserver observer) => _prefixes?.Tell(observer);

    /// <summary>Keeps, for others to find, what decoding requests have filled of what a prompt quotes.</summary>
    internal void KeepFilledOf(PromptContent prompt) => _prefixes?.RegisterGrowthOf(prompt);

    /// <summary>A released request will not come back.</summary>
    internal void Retire(Request request) => _prefixes?.Retire(request);

    /// <summary>Forgets every cached block; false, and nothing happens, while a request holds blocks.</summary>
    internal bool TryReset()
    {
        if (UsedBlocks > 0)
        {
            return false;
        }

        _prefixes?.Forget();
        return true;
    }

    private int BlocksToAdmit(PrefixHit hit, int tokens) =>
        BlocksFor(hit.Tokens + tokens) - hit.Blocks + hit.UnusedBlocks;

    private void Take(int blocks)
    {
        FreeBlocks -= blocks;
        int fromOthers = Math.Max(0, blocks - _setAside);
        _setAside -= blocks - fromOthers;
        if (fromOthers > 0)
        {
            _prefixes?.Take(fromOthers);
        }
    }
}
