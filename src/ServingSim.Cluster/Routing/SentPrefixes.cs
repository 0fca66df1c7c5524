namespace ServingSim.Cluster.Routing;

/// <summary>
/// A router's memory of the prompts that it sent to each replica: the keys of their blocks, of which the least recently
/// sent are forgotten.
/// </summary>
/// <param name="capacity">How many blocks are remembered of each replica.</param>
internal sealed class SentPrefixes(int capacity)
{
    private readonly PrefixHolders _holders = new();
    private readonly Dictionary<int, BlockMemory> _memories = [];

    /// <summary>
    /// For each replica how many blocks from the beginning it was sent before and are remembered; good until the next
    /// search. Replicas past its end were sent none.
    /// </summary>
    internal ReadOnlySpan<int> Match(ReadOnlySpan<ulong> blocks) => _holders.CountFromFirst(blocks);

    /// <summary>Remembers a prompt that is sent; its end is forgotten before its beginning.</summary>
    internal void Add(ReplicaView replica, ReadOnlySpan<ulong> blocks)
    {
        if (!replica.IsRoutable)
        {
            return;
        }

        BlockMemory memory = BlockMemory.Of(replica, _memories, _holders, capacity);
        for (int i = Math.Min(blocks.Length, capacity) - 1; i >= 0; i--)
        {
            memory.Add(blocks[i]);
        }
    }
}
