namespace ServingSim.Engine.Scheduling;

/// <summary>
/// vLLM V1's policy <c>priority</c> (2026-02): lower values first, then earlier arrivals, then smaller ids as text. The
/// victim of a preemption is the worst running request by value and arrival, the first of equals in running order; it
/// may have been scheduled in the same step already. A waiting request never preempts by itself.
/// </summary>
public sealed class PriorityQueuePolicy : IWaitingQueue
{
    private readonly SortedWaitingQueue _requests = new((a, b) => a.Priority.CompareTo(b.Priority));

    /// <inheritdoc/>
    public int Count => _requests.Count;

    /// <inheritdoc/>
    public Request? Head => _requests.Head;

    /// <inheritdoc/>
    public bool NewcomersCanPass => true;

    /// <inheritdoc/>
    public bool PreemptsLastAdmitted => false;

    /// <inheritdoc/>
    public void Enqueue(Request request) => _requests.Add(request);

    /// <inheritdoc/>
    public void Requeue(Request request) => _requests.Add(request);

    /// <inheritdoc/>
    public void Dequeue() => _requests.RemoveHead();

    /// <inheritdoc/>
    public void Remove(Request request) => _requests.Remove(request);

    /// <inheritdoc/>
    public IEnumerable<Request> InOrder() => _requests.InOrder;

    /// <inheritdoc/>
    public Request Victim(ReplicaState state)
    {
        Request worst = state.FirstRunning!;
        for (Request? request = worst.NextRunning; request is not null; request = request.NextRunning)
        {
            if ((request.Priority, request.FrontEndArrival).CompareTo((worst.Priority, worst.FrontEndArrival)) > 0)
            {
                worst = request;
            }
        }

        return worst;
    }
}
