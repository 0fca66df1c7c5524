namespace ServingSim.Kernel;

/// <summary>
/// Who schedules events: a replica, a link, a client, the workload. Events of one instant and phase run in the order
/// in which their sources were added, then in the order in which their source scheduled them; so the order never
/// depends on how many events somebody else scheduled. Made by <see cref="Simulation.AddSource"/>.
/// </summary>
public sealed class EventSource
{
    internal const int MaxRank = (1 << 21) - 1;
    internal const long MaxSequence = (1L << 39) - 1;
    private long _sequence;

    internal EventSource(string name, int rank) => (Name, Rank) = (name, rank);

    /// <summary>What the source is, for messages: "replica main/0".</summary>
    public string Name { get; }

    /// <summary>Its place among the sources of this simulation, from 0.</summary>
    public int Rank { get; }

    internal long NextSequence()
    {
        Check.That(_sequence < MaxSequence, $"{Name} has scheduled {_sequence} events");
        return _sequence++;
    }
}
