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
    private readonly HashSet<ReplicaView> _heard = [];
    private IReadOnlyList<ReplicaView>? _asked;
    private int[] _found = [];
    private int _largestBlock;

    /// <inheritdoc/>
    public IReadOnlyList<int> Find(PromptContent prompt, IReadOnlyList<ReplicaView> replicas)
    {
        Hear(replicas);

        // Who holds nothing of it can have come to hold something only by generating what it begins with
        _ = CountsOf(prompt, replicas);
        bool anybody = prompt.QuotesWithin(_largestBlock);
        for (int i = 0; i < replicas.Count; i++)
        {
            if (_found[i] > 0 || anybody)
            {
                replicas[i].Replica.ShowCached(prompt, replicas[i].Now, replicas[i].Phase);
            }
        }

        return CountsOf(prompt, replicas);
    }

    /// <inheritdoc/>
    public int Find(PromptContent prompt, ReplicaView replica)
    {
        Hear(replica);
        replica.Replica.ShowCached(prompt, replica.Now, replica.Phase);
        return _holders.CountFromFirst(KeysOf(prompt, replica.BlockSize), replica.Index);
    }

    /// <summary>Listens to the replicas that were not asked about before.</summary>
    private void Hear(IReadOnlyList<ReplicaView> replicas)
    {
        if (_asked == replicas)
        {
            return;
        }

        (_asked, _largestBlock) = (replicas, replicas.Max(r => r.BlockSize));
        foreach (ReplicaView replica in replicas)
        {
            Hear(replica);
        }
    }

    private void Hear(ReplicaView replica)
    {
        if (_heard.Add(replica))
        {
            replica.Replica.TellOfCache(new Cache(_holders, replica.Index));
        }
    }

    private int[] CountsOf(PromptContent prompt, IReadOnlyList<ReplicaView> replicas) => BlockSizes.Spread(
        ref _found,
        replicas,
        size => _holders.CountFromFirst(KeysOf(prompt, size)));

    private static ulong[] KeysOf(PromptContent prompt, int blockSize)
    {
        ulong[] keys = new ulong[prompt.Tokens / blockSize];
        int block = 0;
        foreach (BlockKey key in PromptBlocks.KeysOf(prompt, blockSize))
        {
            keys[block++] = RoutingKeys.OfBlock(key);
        }

        return keys;
    }

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
