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

    public KvProbe(
        int numGpuBlocks,
        int blockSize = 16,
        bool caching = true,
        UnhashedOrder order = UnhashedOrder.Tail,
        int longestRun = int.MaxValue)
    {
        _config = A.Config(numGpuBlocks, blockSize, caching: caching);
        _queue = new Queue(new EvictionContext(numGpuBlocks, order), longestRun);
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
            List<BlockRun> runs = [];
            List<string> names = [];
            while (names.Count < Cache.FreeBlocks)
            {
                BlockRun run = _queue.Lru.Take(Cache.FreeBlocks);
                runs.Add(run);
                BlockKey? first = _queue.Keys[run.Number];
                names.AddRange(Enumerable.Range(0, run.Blocks).Reverse().Select(i =>
                    first is { } key ? _names[key.Later(i)] : "-"));
            }

            // Each behind the one before, as they were
            runs.ForEach(run => _queue.Lru.Freed(run, default(BlockKey)));
            return string.Join(' ', names);
        }
    }

    public static int HashedBlocksOf(Request request) => request.Keys!.RegisteredBlocks;

    /// <summary>Admits all known tokens of a request; its hit in tokens, or null if blocks are short.</summary>
    public int? Admit(Request request) => Admit(request, int.MaxValue);

    /// <summary>Admits as many tokens behind the hit; the hit in tokens, or null if blocks are short.</summary>
    public int? Admit(Request request, int tokens)
    {
        Name(request);
        PrefixHit hit = Cache.Find(request);
        return Cache.TryAdmit(request, hit, Math.Min(tokens, request.KnownTokens - hit.Tokens)) ? hit.Tokens : null;
    }

    /// <summary>Lets a request know and compute more tokens of its output; whether blocks sufficed.</summary>
    public bool Append(Request request, int tokens)
    {
        request.SetGenerated(request.GeneratedTokens + tokens);
        Name(request);
        return Cache.TryExtend(request, tokens);
    }

    /// <summary>Lets a request whose prompt is computed decode a token, unseen by the prefix cache.</summary>
    public bool Grow(Request request)
    {
        if (request.GeneratedTokens == 0)
        {
            Cache.StartGrowing(request);
        }

        request.SetGenerated(request.GeneratedTokens + 1);
        Name(request);
        int computed = request.ComputedTokens;
        bool fits = Cache.TryTake(Cache.BlocksFor(computed + 1) - Cache.BlocksFor(computed));
        request.SetComputed(fits ? computed + 1 : computed);
        return fits;
    }

    public void Free(params Request[] requests)
    {
        foreach (Request request in requests)
        {
            Cache.Release(request);
        }
    }

    /// <summary>What block <paramref name="index"/> of a request holds, as in <see cref="FreeQueue"/>.</summary>
    public string NameOf(Request request, int index) => _names[KeyOf(request.Keys!, index)];

    private static BlockKey KeyOf(BlockKeyChain chain, int index)
    {
        Stretch stretch = chain.StretchOf(index);
        return stretch.Key.Later(index - stretch.First);
    }

    private void Name(Request request)
    {
        BlockKeyChain chain = new(_config.BlockSize);
        chain.Begin(request.Prompt, TokenStream.OutputOf(request.Id.Client));
        for (int i = 0; i < request.KnownTokens / _config.BlockSize; i++)
        {
            _names.TryAdd(KeyOf(chain, i), $"r{request.Id.Client}.{i + 1}");
        }
    }

    /// <summary>vLLM's queue, remembering what the first block of each run holds.</summary>
    private sealed class Queue(EvictionContext context, int longestRun) : IEvictionPolicy
    {
        public LruEviction Lru { get; } = new(context);

        public Dictionary<int, BlockKey?> Keys { get; } = [];

        public int LongestRun => longestRun;

        public void Freed(BlockRun run, BlockKey? first)
        {
            Keys[run.Number] = first;
            Lru.Freed(run, first);
        }

        public void Reused(BlockRun run) => Lru.Reused(run);

        public void Cut(BlockRun first, BlockRun rest)
        {
            Keys[rest.Number] = Keys[first.Number]!.Value.Later(first.Blocks);
            Lru.Cut(first, rest);
        }

        public BlockRun Take(int atMost) => Lru.Take(atMost);
    }
}
