namespace ServingSim.Kernel;

/// <summary>
/// The pending events: a 4-ary heap on (time, order) that knows where each event stands, so that events move and are
/// cancelled in logarithmic time. Keys are unique, so the order of removal does not depend on the heap's history.
/// </summary>
internal sealed class EventHeap
{
    private const int Arity = 4;
    private Entry[] _entries = new Entry[64];

    internal int Count { get; private set; }

    internal SimTime NextTime => new(_entries[0].Time);

    internal void Push(SimEvent e, SimTime time, ulong order)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        SiftUp(Count++, new Entry(time.Ticks, order, e));
    }

    internal SimEvent Pop(out SimTime time)
    {
        Entry top = _entries[0];
        time = new SimTime(top.Time);
        RemoveAt(0);
        return top.Event;
    }

    internal void Remove(SimEvent e) => RemoveAt(e.HeapIndex);

    private void RemoveAt(int index)
    {
        _entries[index].Event.HeapIndex = SimEvent.NotPending;
        Entry last = _entries[--Count];
        _entries[Count] = default;
        if (index == Count)
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
            if (first >= Count)
            {
                break;
            }

            int least = first;
            int end = Math.Min(first + Arity, Count);
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
        entry.Event.HeapIndex = index;
    }

    private readonly record struct Entry(long Time, ulong Order, SimEvent Event)
    {
        internal bool IsBefore(in Entry other) => Time != other.Time ? Time < other.Time : Order < other.Order;
    }
}
