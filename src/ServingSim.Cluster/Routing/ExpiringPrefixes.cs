using ServingSim.Engine;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// A router's belief that a replica holds the blocks of a prompt for a fixed time after it was sent there; more blocks
/// than fit are pruned to a share of that (Dynamo's approximate indexer, approx.rs, 2025-11). The oldest go first, of a
/// prompt the last block first.
/// </summary>
/// <param name="ttl">How long a block is believed to be there after it was last sent.</param>
/// <param name="maxBlocks">Pairs of block and replica that may be remembered.</param>
/// <param name="keptBlocks">How many are left when there were more.</param>
internal sealed class ExpiringPrefixes(SimTime ttl, long maxBlocks, long keptBlocks) : IPrefixOverlaps
{
    private readonly PrefixHolders _holders = new();
    private readonly Dictionary<(ulong Block, int Replica), long> _lastSent = [];
    private readonly Queue<(SimTime Expiry, ulong Block, int Replica, long Sent)> _oldestFirst = new();
    private readonly HashSet<ReplicaView> _sentTo = [];
    private int[] _found = [];
    private long _sent;

    /// <inheritdoc/>
    public IReadOnlyList<int> Find(PromptContent prompt, IReadOnlyList<ReplicaView> replicas)
    {
        ForgetUntil(replicas[0].Now);
        return BlockSizes.Spread(
            ref _found, replicas, size => _holders.CountFromFirst(RoutingKeys.OfBlocks(prompt, size)));
    }

    /// <inheritdoc/>
    public int Find(PromptContent prompt, ReplicaView replica)
    {
        ForgetUntil(replica.Now);
        return _holders.CountFromFirst(RoutingKeys.OfBlocks(prompt, replica.BlockSize), replica.Index);
    }

    /// <inheritdoc/>
    public void Sent(PromptContent prompt, ReplicaView replica)
    {
        if (!replica.IsRoutable)
        {
            return;
        }

        if (_sentTo.Add(replica))
        {
            replica.Left += () => Forget(replica.Index);
        }

        ForgetUntil(replica.Now);
        _sent++;
        ulong[] blocks = RoutingKeys.OfBlocks(prompt, replica.BlockSize);
        for (int i = blocks.Length - 1; i >= 0; i--)
        {
            _holders.Add(blocks[i], replica.Index);
            _lastSent[(blocks[i], replica.Index)] = _sent;
            _oldestFirst.Enqueue((replica.Now + ttl, blocks[i], replica.Index, _sent));
        }

        if (_holders.Count > maxBlocks)
        {
            while (_holders.Count > keptBlocks)
            {
                ForgetOldest();
            }
        }
    }

    /// <summary>A replica has left: none of its blocks is believed to be there.</summary>
    private void Forget(int replica)
    {
        foreach ((ulong Block, int Replica) held in _lastSent.Keys.Where(held => held.Replica == replica).ToList())
        {
            _lastSent.Remove(held);
            _holders.Remove(held.Block, replica);
        }
    }

    private void ForgetUntil(SimTime now)
    {
        while (_oldestFirst.TryPeek(out (SimTime Expiry, ulong, int, long) oldest) && oldest.Expiry <= now)
        {
            ForgetOldest();
        }
    }

    private void ForgetOldest()
    {
        (_, ulong block, int replica, long sent) = _oldestFirst.Dequeue();
        if (_lastSent.TryGetValue((block, replica), out long last) && last == sent)
        {
            _lastSent.Remove((block, replica));
            _holders.Remove(block, replica);
        }
    }
}
