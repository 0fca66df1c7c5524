using ServingSim.Kernel;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// Consistent hashing (Karger et al. 1997): every replica owns the arcs before its points, and one more replica takes
/// over arcs without moving any other key.
/// </summary>
/// <param name="virtualNodes">Points of each replica; more divide the ring more evenly.</param>
internal sealed class HashRing(int virtualNodes)
{
    private const int MostVirtualNodes = 1_000;

    private ulong[] _points = [];
    private int[] _owners = [];
    private IReadOnlyList<ReplicaView>? _placed;

    /// <summary>What is wrong with what a user wrote of a ring and the label whose value it hashes.</summary>
    internal static IEnumerable<(string? Parameter, string Problem)> Problems(string label, int virtualNodes)
    {
        if (label.Length == 0)
        {
            yield return ("Label", "found empty text, expected a label's name");
        }

        if (virtualNodes is < 1 or > MostVirtualNodes)
        {
            yield return ("VirtualNodes", $"found {virtualNodes}, expected 1 to {MostVirtualNodes}");
        }
    }

    /// <summary>The owner of a key, then those of the following points, once around.</summary>
    internal IEnumerable<int> Walk(ulong key, IReadOnlyList<ReplicaView> replicas)
    {
        if (replicas != _placed)
        {
            Place(replicas);
            _placed = replicas;
        }

        int found = Array.BinarySearch(_points, key);
        int start = found >= 0 ? found : ~found;
        for (int i = 0; i < _points.Length; i++)
        {
            yield return _owners[(start + i) % _points.Length];
        }
    }

    // A replica's points are its own: where fewer replicas can serve a request, no key of theirs moves
    private void Place(IReadOnlyList<ReplicaView> replicas)
    {
        (ulong Point, int Owner)[] placed =
        [
            .. Enumerable.Range(0, replicas.Count)
                .SelectMany(owner => Enumerable.Range(0, virtualNodes)
                    .Select(node => (Mixing.Combine((ulong)replicas[owner].Index, (ulong)node), owner)))
                .Order(),
        ];
        (_points, _owners) = ([.. placed.Select(p => p.Point)], [.. placed.Select(p => p.Owner)]);
    }
}
