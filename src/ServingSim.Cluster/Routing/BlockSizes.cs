namespace ServingSim.Cluster.Routing;

/// <summary>Replicas whose KV blocks differ in size are asked each in its own.</summary>
internal static class BlockSizes
{
    /// <summary>How many blocks each of all replicas holds, by its number, where blocks are of a given size.</summary>
    internal delegate ReadOnlySpan<int> CountsOf(int blockSize);

    /// <summary>
    /// Puts each replica's count into its place: <paramref name="counts"/> is asked once a size.
    /// </summary>
    internal static int[] Spread(ref int[] places, IReadOnlyList<ReplicaView> replicas, CountsOf counts)
    {
        if (places.Length != replicas.Count)
        {
            places = new int[replicas.Count];
        }

        Array.Fill(places, -1);
        for (int first = 0; first < replicas.Count; first++)
        {
            if (places[first] >= 0)
            {
                continue;
            }

            int size = replicas[first].BlockSize;
            ReadOnlySpan<int> found = counts(size);
            for (int i = first; i < replicas.Count; i++)
            {
                if (places[i] < 0 && replicas[i].BlockSize == size)
                {
                    places[i] = replicas[i].Index < found.Length ? found[replicas[i].Index] : 0;
                }
            }
        }

        return places;
    }
}
