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
    private readonly Dictionary<int, BlockMemory> _memories = [];
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
    public int Find(PromptContent prompt, ReplicaView replica) =>
        _holders.CountWhileAnyHolds(KeysOf(prompt), replica.Index);

    /// <inheritdoc/>
    public void Sent(PromptContent prompt, ReplicaView replica)
    {
        if (!replica.IsRoutable)
        {
            return;
        }

        BlockMemory memory = BlockMemory.Of(replica, _memories, _holders, capacity);
        foreach (ulong block in KeysOf(prompt))
        {
            memory.Add(block);
        }
    }

    private ulong[] KeysOf(PromptContent prompt) => RoutingKeys.OfBlocks(prompt, blockTokens, BlocksOf(prompt));
}
