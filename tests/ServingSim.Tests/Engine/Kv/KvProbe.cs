using ServingSim.Engine;
using ServingSim.Engine.Kv;
using ServingSim.Engine.Kv.Eviction;

namespace ServingSim.Tests.Engine.Kv;

/// <summary>
/// A KV cache under the hand: requests are admitted whole, grow and are released, and the free queue can be read by
/// what its blocks hold, which is what decides; which number a block has does not.
/// </summary>
internal sealed class KvProbe
{
    private readonly EngineConfig _config;
    private readonly Queue _queue;
    private readonly Dictionary<BlockKey, string> _names = [];

    public KvProbe(int numGpuBlocks, int blockSize = 16, bool caching = true, UnhashedOrder order = UnhashedOrder.Tail)
    {
        _config = A.Config(numGpuBlocks, blockSize, caching: caching);
        _queue = new Queue(new EvictionContext(numGpuBlocks, order));
        Cache = new KvCache(_config, _queue);
    }

    public KvCache Cache { get; }

    /// <summary>
    /// What the free queue gives up first to last: the name of a block's content, "-" for none. A name is the request
    /// that computed it and the block's place from 1, as in "r0.1".
    /// </summary>
    public string FreeQueue
    {
        get
        {
            BlockId[] all = new BlockId[Cache.FreeBlocks];
            _queue.Lru.Take(all);
            Array.Reverse(all);
            _queue.Lru.Freed(new BlockRun(all.Reverse().ToArray()), hashed: true);
            return string.Join(' ', all.Reverse().Select(b =>
                _queue.Keys.TryGetValue(b, out BlockKey key) ? _names[key] : "-"));
        }
    }

    public static int HashedBlocksOf(Request request) => request.Keys!.HashedBlocks.Count;

    /// <summary>Admits all known tokens of a request; its hit in tokens, or null if blocks are short.</summary>
    public int? Admit(Request request)
    {
        Name(request);
        PrefixHit hit = Cache.Find(request);
        return Cache.TryAdmit(request, hit, request.KnownTokens - hit.Tokens) ? hit.Tokens : null;
    }

    /// <summary>Lets a request know and compute more tokens of its output; whether blocks sufficed.</summary>
    public bool Append(Request request, int tokens)
    {
        request.SetGenerated(request.GeneratedTokens + tokens);
        Name(request);
        return Cache.TryExtend(request, tokens);
    }

    public void Free(params Request[] requests)
    {
        foreach (Request request in requests)
        {
            Cache.Release(request);
        }
    }

    private void Name(Request request)
    {
        BlockKeyChain chain = new(_config.BlockSize);
        chain.Begin(request.Prompt, TokenStream.OutputOf(request.Id.Client));
        for (int i = 0; i < request.KnownTokens / _config.BlockSize; i++)
        {
            _names.TryAdd(chain[i], $"r{request.Id.Client}.{i + 1}");
        }
    }

    /// <summary>vLLM's queue, remembering what each block holds.</summary>
    private sealed class Queue(EvictionContext context) : IEvictionPolicy
    {
        public LruEviction Lru { get; } = new(context);

        public Dictionary<BlockId, BlockKey> Keys { get; } = [];

        public void Freed(BlockRun run, bool hashed) => Lru.Freed(run, hashed);

        public void Reused(BlockRun run) => Lru.Reused(run);

        public void Inserted(BlockId block, BlockKey key) => Keys[block] = key;

        public void Take(Span<BlockId> taken)
        {
            Lru.Take(taken);
            foreach (BlockId block in taken)
            {
                Keys.Remove(block);
            }
        }
    }
}
