namespace ServingSim.Cluster.Routing;

/// <summary>
/// A router's memory of the prompts that it sent to one replica: the keys of their blocks, of which the least recently
/// sent are forgotten.
/// </summary>
/// <param name="capacity">How many blocks are remembered.</param>
internal sealed class SentPrefixes(int capacity)
{
    private readonly Dictionary<ulong, LinkedListNode<ulong>> _nodes = [];
    private readonly LinkedList<ulong> _latestFirst = new();

    /// <summary>How many blocks from the beginning were sent before and are remembered.</summary>
    internal int Match(ReadOnlySpan<ulong> blocks)
    {
        int matched = 0;
        while (matched < blocks.Length && _nodes.ContainsKey(blocks[matched]))
        {
            matched++;
        }

        return matched;
    }

    /// <summary>Remembers a prompt that is sent; its end is forgotten before its beginning.</summary>
    internal void Add(ReadOnlySpan<ulong> blocks)
    {
        for (int i = Math.Min(blocks.Length, capacity) - 1; i >= 0; i--)
        {
            if (_nodes.TryGetValue(blocks[i], out LinkedListNode<ulong>? node))
            {
                _latestFirst.Remove(node);
                _latestFirst.AddFirst(node);
                continue;
            }

            if (_nodes.Count == capacity)
            {
                _nodes.Remove(_latestFirst.Last!.Value);
                _latestFirst.RemoveLast();
            }

            _nodes.Add(blocks[i], _latestFirst.AddFirst(blocks[i]));
        }
    }
}
