using ServingSim.Kernel;

namespace ServingSim.Engine.Scheduling;

/// <summary>Options of <c>shortest-first</c> and <c>longest-first</c>.</summary>
/// <param name="By">
/// What counts as a request's length; the predicted ones need a workload that gives predictions.
/// </param>
public sealed record LengthOrderOptions(LengthMeasure By = LengthMeasure.PromptTokens);

/// <summary>
/// Shortest or longest request first, equal ones as they reached the front end, then by their numbers. No engine has
/// it: these are the disciplines that BurstGPT compares with first come, first served (KDD'25, SRF and LRF). A request
/// keeps its place among the others for life: preempted, it waits where its length puts it, whatever it has generated
/// (as in vLLM's heap of policy priority); who is preempted is the one admitted last (as in its policy fcfs).
/// </summary>
public sealed class LengthOrderQueue : IWaitingQueue
{
    private readonly SortedWaitingQueue _requests;

    private LengthOrderQueue(Func<Request, long> rank) => _requests = new SortedWaitingQueue((a, b) =>
        (rank(a), a.FrontEndArrival, a.Id.Client, a.Id.Attempt)
            .CompareTo((rank(b), b.FrontEndArrival, b.Id.Client, b.Id.Attempt)));

    /// <inheritdoc/>
    public int Count => _requests.Count;

    /// <inheritdoc/>
    public Request? Head => _requests.Head;

    /// <inheritdoc/>
    public bool NewcomersCanPass => true;

    /// <summary>An empty queue whose head is the shortest request.</summary>
    public static LengthOrderQueue ShortestFirst(LengthOrderOptions options) =>
        new(request => LengthOf(request, options.By));

    /// <summary>An empty queue whose head is the longest request.</summary>
    public static LengthOrderQueue LongestFirst(LengthOrderOptions options) =>
        new(request => -LengthOf(request, options.By));

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

    private static long LengthOf(Request request, LengthMeasure by) => by switch
    {
        LengthMeasure.PromptTokens => request.PromptTokens,
        LengthMeasure.PredictedOutputTokens => Prediction(request),
        LengthMeasure.PredictedTotalTokens => (long)request.PromptTokens + Prediction(request),
        _ => throw new InvariantException($"no length is measured by {by}"),
    };

    private static int Prediction(Request request) => request.PredictedOutputTokens
        ?? throw new InvariantException($"request {request.Id} has no predicted output length to be queued by");
}
