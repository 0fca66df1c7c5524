using System.Numerics;

namespace ServingSim.Cluster.Routing;

/// <summary>
/// Which of some replicas has the lowest of one of the router's own counts, ties going to the first: a tournament whose
/// matches are played again when a count changes, so that a choice among hundreds costs no more than among a few.
/// </summary>
internal sealed class LeastByCount
{
    private readonly IReadOnlyList<ReplicaView> _replicas;
    private readonly Func<ReplicaView, long> _count;
    private readonly long[] _counts;
    private readonly Action[] _updates;

    /// <summary>
    /// The winner of every match, the final at 1, those of match m coming from 2m and 2m + 1; then the replicas.
    /// </summary>
    private readonly int[] _winners;

    private LeastByCount(IReadOnlyList<ReplicaView> replicas, Func<ReplicaView, long> count)
    {
        (_replicas, _count) = (replicas, count);
        int places = (int)BitOperations.RoundUpToPowerOf2((uint)replicas.Count);
        _counts = new long[places];
        _winners = new int[2 * places];
        _updates = new Action[replicas.Count];
        for (int place = 0; place < places; place++)
        {
            _counts[place] = long.MaxValue;
            _winners[places + place] = place;
        }

        for (int place = 0; place < replicas.Count; place++)
        {
            int own = place;
            _updates[own] = () => Update(own);
            replicas[own].CountsChanged += _updates[own];
            _counts[own] = count(replicas[own]);
        }

        for (int match = places - 1; match > 0; match--)
        {
            Play(match);
        }
    }

    /// <summary>The place of the first replica with the lowest count.</summary>
    internal int First => _winners[1];

    /// <summary>
    /// Follows the replicas' counts from now on: <paramref name="last"/>, if it follows the same list already, as it
    /// does wherever a router is always asked about the same replicas. Otherwise that follows them no more.
    /// </summary>
    internal static LeastByCount Of(
        IReadOnlyList<ReplicaView> replicas, Func<ReplicaView, long> count, LeastByCount? last)
    {
        if (last?._replicas == replicas)
        {
            return last;
        }

        last?.Detach();
        return new LeastByCount(replicas, count);
    }

    private void Detach()
    {
        for (int place = 0; place < _updates.Length; place++)
        {
            _replicas[place].CountsChanged -= _updates[place];
        }
    }

    private void Update(int place)
    {
        _counts[place] = _count(_replicas[place]);
        for (int match = (place + _counts.Length) / 2; match > 0; match /= 2)
        {
            Play(match);
        }
    }

    private void Play(int match)
    {
        (int left, int right) = (_winners[2 * match], _winners[(2 * match) + 1]);
        _winners[match] = _counts[right] < _counts[left] ? right : left;
    }
}
