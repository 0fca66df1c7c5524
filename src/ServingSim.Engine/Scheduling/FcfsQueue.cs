namespace ServingSim.Engine.Scheduling;

/// <summary>
/// First come, first served; a preempted request goes to the front, so that the last one preempted is the head
/// (vLLM V1, policy fcfs).
/// </summary>
public sealed class FcfsQueue : IWaitingQueue
{
    private readonly LinkedList<Request> _requests = new();

    /// <inheritdoc/>
    public int Count => _requests.Count;

    /// <inheritdoc/>
    public Request? Head => _requests.First?.Value;

    /// <inheritdoc/>
    public bool NewcomersCanPass => false;

    /// <inheritdoc/>
    public void Enqueue(Request request) => _requests.AddLast(request);

    /// <inheritdoc/>
    public void Requeue(Request request) => _requests.AddFirst(request);

    /// <inheritdoc/>
    public void Dequeue() => _requests.RemoveFirst();

    /// <inheritdoc/>
    public IEnumerable<Request> InOrder() => _requests;
}
