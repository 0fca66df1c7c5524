using System.Runtime.InteropServices;
using ServingSim.Engine;
using ServingSim.Engine.Kv;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// What the replicas' prefix caches truly hold, from their own events of blocks stored and removed (vLLM's KV events),
/// as if those took no time to arrive. Of the holders of a prompt's beginning everything that happened up to this
/// instant is known.
/// </summary>
internal sealed class KvEventIndex : IPrefixOverlaps
{
    private readonly PrefixHolders _holders = new();
    private readonly Dictionary<int, Cache> _caches = [];
    private int[] _found = [];

    /// <inheritdoc/>
    public IReadOnlyList<int> Find(PromptContent prompt, IReadOnlyList<ReplicaView> replicas)
    {
        foreach (ReplicaView replica in replicas)
        {
            if (!_caches.ContainsKey(replica.Index))
            {
                Cache cache = new(_holders, replica.Index);
                _caches.Add(replica.Index, cache);
                replica.Replica.TellOfCache(cache);
            }
        }

        // Who holds nothing of it can have come to hold something only by generating what it begins with
        _ = CountsOf(prompt, replicas);
        bool anybody = prompt.QuotesWithin(replicas.Max(r => r.BlockSize));
        for (int i = 0; i < replicas.Count; i++)
        {
            if (_found[i] > 0 || anybody)
            {
                replicas[i].Replica.ShowCached(prompt, replicas[i].Now, replicas[i].Phase);
            }
        }

        return CountsOf(prompt, replicas);
    }

    private int[] CountsOf(PromptContent prompt, IReadOnlyList<ReplicaView> replicas) => BlockSizes.Spread(
        ref _found,
        replicas,
        size => _holders.CountFromFirst(KeysOf(prompt, size)));

    private static ulong[] KeysOf(PromptContent prompt, int blockSize) =>
        [.. PromptBlocks.KeysOf(prompt, blockSize).Select(RoutingKeys.OfBlock)];

    /// <summary>One cache. Equal blocks are not merged there: it holds them until the last is removed.</summary>
    private sealed class Cache(PrefixHolders holders, int replica) : IKvCacheObserver
    {
        private readonly Dictionary<ulong, int> _copies = [];

        public void Stored(BlockKey first, int blocks)
        {
            for (int i = 0; i < blocks; i++)
            {
                ulong block = RoutingKeys.OfBlock(first.Later(i));
                if (++CollectionsMarshal.GetValueRefOrAddDefault(_copies, block, out _) == 1)
                {
                    holders.Add(block, replica);
                }
            }
        }

        public void Removed(BlockKey first, int blocks)
        {
            for (int i = 0; i < blocks; i++)
            {
                ulong block = RoutingKeys.OfBlock(first.Later(i));
                if (--CollectionsMarshal.GetValueRefOrNullRef(_copies, block) == 0)
                {
                    _copies.Remove(block);
                    holders.Remove(block, replica);
                }
            }
        }

        public void Cleared()
        {
            foreach (ulong block in _copies.Keys)
            {
                holders.Remove(block, replica);
            }

            _copies.Clear();
        }
    }
}
