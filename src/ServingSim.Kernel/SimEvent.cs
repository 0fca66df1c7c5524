namespace ServingSim.Kernel;

/// <summary>
/// Something that can be due: a phase, a source and what then happens. It is made once and scheduled as often as
/// needed, so that scheduling allocates nothing; it can be pending only once at a time.
/// </summary>
public sealed class SimEvent
{
    internal const int NotPending = -1;

    /// <summary>An event that is not yet scheduled.</summary>
    /// <param name="source">Who schedules it; breaks ties.</param>
    /// <param name="phase">Its place among the events of one instant.</param>
    /// <param name="action">What happens when it is due.</param>
    public SimEvent(EventSource source, Phase phase, Action action)
    {
        (Source, Phase, Action) = (source, phase, action);
    }

    /// <summary>Who schedules it.</summary>
    public EventSource Source { get; }

    /// <summary>Its place among the events of one instant.</summary>
    public Phase Phase { get; }

    /// <summary>
    /// Whether it only looks, again and again, and changes nothing by itself: where nothing else is due, nothing may
    /// ever happen again.
    /// </summary>
    public bool IsLook { get; init; }

    /// <summary>Whether it waits in the queue.</summary>
    public bool IsPending => HeapIndex != NotPending;

    internal Action Action { get; }

    internal int HeapIndex { get; set; } = NotPending;
}
