namespace ServingSim.Engine.Scheduling;

/// <summary>
/// An order among requests: who is admitted next (one head at a time, nobody overtakes a blocked head), and whose KV is
/// taken when a running request gets no block.
/// </summary>
public interface IWaitingQueue
{
    /// <summary>How many requests wait.</summary>
    int Count { get; }

    /// <summary>The request that is admitted next; null when none waits.</summary>
    Request? Head { get; }

    /// <summary>Whether a newcomer can become the head before those that wait.</summary>
    bool NewcomersCanPass { get; }

    /// <summary>Whether <see cref="Victim"/> is always the request admitted last.</summary>
    bool PreemptsLastAdmitted => true;

    /// <summary>Takes in a request that has just arrived.</summary>
    void Enqueue(Request request);

    /// <summary>Takes in a request that has just been preempted.</summary>
    void Requeue(Request request);

    /// <summary>Removes the head.</summary>
    void Dequeue();

    /// <summary>Removes a request that waits, wherever it stands.</summary>
    void Remove(Request request);

    /// <summary>The waiting requests, head first; for observers.</summary>
    IEnumerable<Request> InOrder();

    /// <summary>The running request that is preempted next; there is at least one.</summary>
    Request Victim(ReplicaState state) => state.LastRunning!;
}
