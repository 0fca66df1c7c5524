namespace ServingSim.Engine.Scheduling;

/// <summary>
/// First come, first served; a preempted request goes to the front, so that the last one preempted is the head
/// (vLLM V1, policy fcfs).
/// </summary>
public sealed class FcfsQueue : IWaitingQueue
{
    /// <summary>A ring whose length is a power of two.</summary>
    private Request?[] _ring = new Request?[16];

    private int _first;

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public Request? Head => _ring[_first];

    /// <inheritdoc/>
    public bool NewcomersCanPass => false;

    /// <inheritdoc/>
    public void Enqueue(Request request)
    {
        MakeRoom();
        _ring[Place(Count++)] = request;
    }

    /// <inheritdoc/>
    public void Requeue(Request request)
    {
        MakeRoom();
        _first = Place(-1);
        _ring[_first] = request;
        Count++;
    }

    /// <inheritdoc/>
    public void Dequeue()
    {
        _ring[_first] = null;
        _first = Place(1);
        Count--;
    }

    /// <inheritdoc/>
    public void Remove(Request request)
    {
        // Only of those preempted last, who stand in front
        int place = 0;
        while (_ring[Place(place)] != request)
        {
            place++;
        }

        for (; place > 0; place--)
        {
            _ring[Place(place)] = _ring[Place(place - 1)];
        }

        Dequeue();
    }

    /// <inheritdoc/>
    public IEnumerable<Request> InOrder() => Enumerable.Range(0, Count).Select(i => _ring[Place(i)]!);

    private int Place(int fromFirst) => (_first + fromFirst) & (_ring.Length - 1);

    private void MakeRoom()
    {
        if (Count == _ring.Length)
        {
            Request?[] longer = new Request?[2 * Count];
            InOrder().ToArray().CopyTo(longer, 0);
            (_ring, _first) = (longer, 0);
        }
    }
}
