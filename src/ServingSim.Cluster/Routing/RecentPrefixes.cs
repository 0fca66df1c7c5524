using System.Runtime.InteropServices;
using ServingSim.Engine;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// A router's memory of the blocks that it sent to each replica, the least recently sent forgotten first, of a prompt
/// those of its beginning (Gateway API Inference Extension, prefix/indexer.go and plugin.go, 2025-10). So a prompt can
/// be known without its beginning: what counts is how many of its blocks are known, up to one that nobody was sent.
/// </summary>
/// <param name="blockTokens">Tokens in a block of the router's.</param>
/// <param name="maxBlocks">Blocks of a prompt that are looked at.</param>
/// <param name="capacity">Blocks remembered of each replica.</param>
internal sealed class RecentPrefixes(int blockTokens, int maxBlocks, int capacity) : IPrefixOverlaps
{
    private readonly PrefixHolders _holders = new();
    private readonly Dictionary<int, Memory> _memories = [];
    private int[] _found = [];

    /// <summary>How many blocks of a prompt are looked at.</summary>
    internal int BlocksOf(PromptContent prompt) => Math.Min(maxBlocks, prompt.Tokens / blockTokens);

    /// <inheritdoc/>
    public IReadOnlyList<int> Find(PromptContent prompt, IReadOnlyList<ReplicaView> replicas)
    {
        if (_found.Length != replicas.Count)
        {
            _found = new int[replicas.Count];
        }

        ReadOnlySpan<int> found = _holders.CountWhileAnyHolds(KeysOf(prompt));
        for (int i = 0; i < replicas.Count; i++)
        {
            _found[i] = replicas[i].Index < found.Length ? found[replicas[i].Index] : 0;
        }

        return _found;
    }

    /// <inheritdoc/>
    public void Sent(PromptContent prompt, ReplicaView replica)
    {
        ref Memory? memory = ref CollectionsMarshal.GetValueRefOrAddDefault(_memories, replica.Index, out _);
        memory ??= new Memory(_holders, replica.Index, capacity);
        foreach (ulong block in KeysOf(prompt))
        {
            memory.Add(block);
        }
    }

    private ulong[] KeysOf(PromptContent prompt) => RoutingKeys.OfBlocks(prompt, blockTokens, BlocksOf(prompt));

    /// <summary>What is remembered of one replica: a ring of blocks, linked through an array.</summary>
    private sealed class Memory(PrefixHolders holders, int replica, int capacity)
    {
        private const int Ring = 0;
        private readonly Dictionary<ulong, int> _places = [];
        private readonly List<Link> _links = [default];

        internal void Add(ulong block)
        {
            if (_places.TryGetValue(block, out int place))
            {
                Unlink(place);
            }
            else
            {
                place = _links.Count <= capacity ? NewPlace() : ForgetOldest();
                _links[place] = new Link { Block = block };
                _places.Add(block, place);
                holders.Add(block, replica);
            }

            Append(place);
        }

        private int NewPlace()
        {
            _links.Add(default);
            return _links.Count - 1;
        }

        /// <summary>Frees the place of the block that was sent longest ago.</summary>
        private int ForgetOldest()
        {
            int oldest = _links[Ring].Next;
            Unlink(oldest);
            _places.Remove(_links[oldest].Block);
            holders.Remove(_links[oldest].Block, replica);
            return oldest;
        }

        private void Unlink(int place)
        {
            Span<Link> links = CollectionsMarshal.AsSpan(_links);
            Link link = links[place];
            (links[link.Last].Next, links[link.Next].Last) = (link.Next, link.Last);
        }

        private void Append(int place)
        {
            Span<Link> links = CollectionsMarshal.AsSpan(_links);
            int newest = links[Ring].Last;
            (links[place].Last, links[place].Next) = (newest, Ring);
            (links[newest].Next, links[Ring].Last) = (place, place);
        }

        private struct Link
        {
            internal ulong Block;
            internal int Last;
            internal int Next;
        }
    }
}
