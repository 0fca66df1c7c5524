namespace ServingSim.Engine.Scheduling;

/// <summary>
/// The order in which waiting requests are admitted: one head at a time, nobody overtakes a blocked head.
/// </summary>
public interface IWaitingQueue
{
    /// <summary>How many requests wait.</summary>
    int Count { get; }

    /// <summary>The request that is admitted next; null when none waits.</summary>
    Request? Head { get; }

    /// <summary>Whether a newcomer can become the head before those that wait.</summary>
    bool NewcomersCanPass { get; }

    /// <summary>Takes in a request that has just arrived.</summary>
    void Enqueue(Request request);

    /// <summary>Takes in a request that has just been preempted.</summary>
    void Requeue(Request request);

    /// <summary>Removes the head.</summary>
    void Dequeue();

    /// <summary>The waiting requests, head first; for observers.</summary>
    IEnumerable<Request> InOrder();
}
