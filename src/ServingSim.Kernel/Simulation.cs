namespace ServingSim.Kernel;

/// <summary>
/// The clock and the pending events of one run. Events happen in the order of one key:
/// (time, phase, source, sequence within the source). A run is single-threaded and reads no wall clock.
/// </summary>
public sealed class Simulation
{
    private const int RankBits = 21;
    private const int SequenceBits = 39;
    private readonly EventHeap _pending = new();
    private int _sources;
    private int _pendingLooks;
    private SimTime _lastChange;

    /// <summary>The time of the event that is happening, or of the last one that did.</summary>
    public SimTime Now { get; private set; }

    /// <summary>The phase of the event that is happening, or of the last one that did.</summary>
    public Phase Phase { get; private set; }

    /// <summary>How many events have happened.</summary>
    public long EventCount { get; private set; }

    /// <summary>How many events wait.</summary>
    public int PendingCount => _pending.Count;

    /// <summary>When the next event is due; null if none waits.</summary>
    public SimTime? NextTime => _pending.Count > 0 ? _pending.NextTime : null;

    /// <summary>
    /// For how long nothing but looks (<see cref="SimEvent.IsLook"/>) will have happened when the next event is due;
    /// null where that is something else, or none waits.
    /// </summary>
    public SimTime? OnlyLooksFor =>
        _pending.Count > 0 && _pending.Count == _pendingLooks ? _pending.NextTime - _lastChange : null;

    /// <summary>Adds somebody who schedules events; the order of adding breaks ties.</summary>
    public EventSource AddSource(string name)
    {
        Check.That(_sources < EventSource.MaxRank, $"more than {_sources} event sources");
        return new EventSource(name, _sources++);
    }

    /// <summary>
    /// Makes <paramref name="e"/> due at <paramref name="time"/>, which must not precede the present (time, phase);
    /// an event that is pending is moved there.
    /// </summary>
    public void Schedule(SimEvent e, SimTime time)
    {
        Check.That(
            time > Now || (time == Now && e.Phase >= Phase),
            $"{e.Source.Name} schedules {e.Phase} at {time}, before {Now} {Phase}");
        Cancel(e);
        Push(e, time, Order(e));
    }

    /// <summary>
    /// As <see cref="Schedule"/> now, by an event that does nothing afterwards: where <paramref name="e"/> would be the
    /// next to happen it does so at once, without a way through the queue.
    /// </summary>
    public void Continue(SimEvent e)
    {
        Check.That(e.Phase >= Phase, $"{e.Source.Name} goes on with {e.Phase} at {Now}, after {Phase}");
        Cancel(e);
        ulong order = Order(e);
        if (!_pending.ComesFirst(Now, order))
        {
            Push(e, Now, order);
            return;
        }

        Phase = e.Phase;
        EventCount++;
        e.Action();
    }

    /// <summary>Takes <paramref name="e"/> out of the queue; nothing happens if it is not in it.</summary>
    public void Cancel(SimEvent e)
    {
        if (e.IsPending)
        {
            _pending.Remove(e);
            _pendingLooks -= e.IsLook ? 1 : 0;
        }
    }

    /// <summary>Lets the next event happen; false if none waits.</summary>
    public bool Step()
    {
        if (_pending.Count == 0)
        {
            return false;
        }

        SimEvent e = _pending.Pop(out SimTime time);
        Check.That(time >= Now, $"the clock would go back from {Now} to {time}");
        (Now, Phase) = (time, e.Phase);
        EventCount++;
        if (e.IsLook)
        {
            _pendingLooks--;
        }
        else
        {
            _lastChange = time;
        }

        e.Action();
        return true;
    }

    /// <summary>Lets every event up to and including <paramref name="end"/> happen; the clock ends there.</summary>
    public void RunUntil(SimTime end)
    {
        while (NextTime <= end)
        {
            Step();
        }

        (Now, Phase) = (SimTime.Later(Now, end), Phase.Decision);
    }

    private void Push(SimEvent e, SimTime time, ulong order)
    {
        _pending.Push(e, time, order);
        _pendingLooks += e.IsLook ? 1 : 0;
    }

    private static ulong Order(SimEvent e) =>
        ((ulong)e.Phase << (RankBits + SequenceBits))
        | ((ulong)(uint)e.Source.Rank << SequenceBits)
        | (ulong)e.Source.NextSequence();
}
