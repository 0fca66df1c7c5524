using System.Numerics;
using ServingSim.Cluster.Faults;
using ServingSim.Cluster.Routing;
using ServingSim.Kernel;

namespace ServingSim.Cluster.Transfer;

/// <summary>
/// Links that faults narrow, both ways: what is left of a link's bandwidth is its product with the factors of all
/// faults that last, in whole bytes a second, rounded down, in whatever order they began.
/// </summary>
internal sealed class NarrowLinks(KvNetwork network, KvFabric fabric)
{
    private const int Whole = 1_000_000;

    private readonly Dictionary<KvPort, Narrowing> _narrowed = [];

    /// <summary>A fault leaves a replica's links so many millionths of what they move.</summary>
    internal void Narrow(ReplicaView view, FaultStrike strike, KvLinks links, int partsPerMillion)
    {
        (KvPort from, KvPort to) = fabric.PortsOf(view, links);
        foreach (KvPort port in new[] { from, to })
        {
            if (!_narrowed.TryGetValue(port, out Narrowing? narrowing))
            {
                _narrowed.Add(port, narrowing = new Narrowing(port.BytesPerS));
            }

            narrowing.Faults.Add((strike, partsPerMillion));
            network.SetCapacity(port, narrowing.Left());
        }
    }

    /// <summary>What <see cref="Narrow"/> did is over.</summary>
    internal void Widen(ReplicaView view, FaultStrike strike, KvLinks links)
    {
        (KvPort from, KvPort to) = fabric.PortsOf(view, links);
        foreach (KvPort port in new[] { from, to })
        {
            Narrowing narrowing = _narrowed[port];
            int removed = narrowing.Faults.RemoveAll(fault => fault.Strike == strike);
            Check.That(removed == 1, $"{removed} faults of one strike on port {port.Index}");
            network.SetCapacity(port, narrowing.Left());
        }
    }

    /// <summary>The faults that last of the links between two replicas, those of the sender first.</summary>
    internal IEnumerable<FaultStrike> StrikesBetween(ReplicaView from, ReplicaView to)
    {
        if (_narrowed.Count == 0)
        {
            return [];
        }

        (KvPort sender, KvPort receiver) = fabric.Between(from, to);
        return StrikesOf(sender).Concat(StrikesOf(receiver));
    }

    private IEnumerable<FaultStrike> StrikesOf(KvPort port) =>
        _narrowed.TryGetValue(port, out Narrowing? narrowing) ? narrowing.Faults.Select(fault => fault.Strike) : [];

    /// <summary>What a port moves when nothing narrows it, in bytes a second, and what does.</summary>
    private sealed class Narrowing(long bytesPerS)
    {
        internal List<(FaultStrike Strike, int PartsPerMillion)> Faults { get; } = [];

        internal long Left()
        {
            (BigInteger left, BigInteger by) = (bytesPerS, 1);
            foreach ((_, int parts) in Faults)
            {
                (left, by) = (left * parts, by * Whole);
            }

            return (long)(left / by);
        }
    }
}
