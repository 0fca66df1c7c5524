namespace ServingSim.Kernel;

/// <summary>
/// The pending events: a 4-ary heap on (time, order) that knows where each event stands, so that events move and are
/// cancelled in logarithmic time. Keys are unique, so the order of removal does not depend on the heap's history.
/// An event that comes before all others is held beside the heap: many are due at once, and never enter it.
/// </summary>
internal sealed class EventHeap
{
    private const int Arity = 4;

    /// <summary>The event's index while it is held: no place in the heap.</summary>
    private const int Held = int.MaxValue;

    private Entry[] _entries = new Entry[64];
    private int _inHeap;

    /// <summary>What comes before all that is in the heap; there is no such event while it holds none.</summary>
    private Entry _held;

    internal int Count => _inHeap + (_held.Event is null ? 0 : 1);

    internal SimTime NextTime => new(_held.Event is null ? _entries[0].Time : _held.Time);

    /// <summary>Whether all that is pending comes after (<paramref name="time"/>, <paramref name="order"/>).</summary>
    internal bool ComesFirst(SimTime time, ulong order) =>
        Count == 0 || new Entry(time.Ticks, order, null).IsBefore(_held.Event is null ? _entries[0] : _held);

    internal void Push(SimEvent e, SimTime time, ulong order)
    {
        Entry entry = new(time.Ticks, order, e);
        if (_held.Event is null ? _inHeap > 0 && !entry.IsBefore(_entries[0]) : !entry.IsBefore(_held))
        {
            Add(entry);
            return;
        }

        if (_held.Event is not null)
        {
            Add(_held);
        }

        _held = entry;
        e.HeapIndex = Held;
    }

    internal SimEvent Pop(out SimTime time)
    {
        Entry first = _held.Event is null ? _entries[0] : _held;
        time = new SimTime(first.Time);
        Remove(first.Event!);
        return first.Event!;
    }

    internal void Remove(SimEvent e)
    {
        if (e.HeapIndex != Held)
        {
            RemoveAt(e.HeapIndex);
            return;
        }

        e.HeapIndex = SimEvent.NotPending;
        _held = default;
    }

    private void Add(in Entry entry)
    {
        if (_inHeap == _entries.Length)
        {
            Array.Resize(ref _entries, _inHeap * 2);
        }

        SiftUp(_inHeap++, entry);
    }

    private void RemoveAt(int index)
    {
        _entries[index].Event!.HeapIndex = SimEvent.NotPending;
        Entry last = _entries[--_inHeap];
        _entries[_inHeap] = default;
        if (index == _inHeap)
        {
            return;
        }

        if (index > 0 && last.IsBefore(_entries[(index - 1) / Arity]))
        {
            SiftUp(index, last);
        }
        else
        {
            SiftDown(index, last);
        }
    }

    private void SiftUp(int index, Entry entry)
    {
        while (index > 0)
        {
            int parent = (index - 1) / Arity;
            if (!entry.IsBefore(_entries[parent]))
            {
                break;
            }

            Place(index, _entries[parent]);
            index = parent;
        }

        Place(index, entry);
    }

    private void SiftDown(int index, Entry entry)
    {
        while (true)
        {
            int first = (index * Arity) + 1;
            if (first >= _inHeap)
            {
                break;
            }

            int least = first;
            int end = Math.Min(first + Arity, _inHeap);
            for (int child = first + 1; child < end; child++)
            {
                least = _entries[child].IsBefore(_entries[least]) ? child : least;
            }

            if (!_entries[least].IsBefore(entry))
            {
                break;
            }

            Place(index, _entries[least]);
            index = least;
        }

        Place(index, entry);
    }

    private void Place(int index, Entry entry)
    {
        _entries[index] = entry;
        entry.Event!.HeapIndex = index;
    }

    private readonly record struct Entry(long Time, ulong Order, SimEvent? Event)
    {
        internal bool IsBefore(in Entry other) => Time != other.Time ? Time < other.Time : Order < other.Order;
    }
}
