using ServingSim.Kernel;

namespace ServingSim.Engine.Scheduling;

/// <summary>Options of the policies <c>shortest-first</c> and <c>longest-first</c>.</summary>
/// <param name="By">What length counts.</param>
public sealed record LengthOrderOptions(LengthOrder By = LengthOrder.PromptTokens);

/// <summary>Which length orders a queue.</summary>
public enum LengthOrder
{
    /// <summary>The prompt's.</summary>
    PromptTokens,

    /// <summary>The output's, as somebody predicted it; every request must carry a prediction.</summary>
    PredictedOutputTokens,
}

/// <summary>
/// Shortest or longest request first, the disciplines that BurstGPT's paper compares with first come, first served
/// (SRF and LRF). A preempted request takes its place by the same length; the victim is the one admitted last.
/// </summary>
public sealed class LengthOrderPolicy : IWaitingQueue
{
    private readonly LengthOrder _by;
    private readonly SortedWaitingQueue _requests;

    /// <summary>An empty queue.</summary>
    public LengthOrderPolicy(LengthOrderOptions options, bool longestFirst)
    {
        _by = options.By;
        _requests = new SortedWaitingQueue(longestFirst
            ? (a, b) => LengthOf(b).CompareTo(LengthOf(a))
            : (a, b) => LengthOf(a).CompareTo(LengthOf(b)));
    }

    /// <inheritdoc/>
    public int Count => _requests.Count;

    /// <inheritdoc/>
    public Request? Head => _requests.Head;

    /// <inheritdoc/>
    public bool NewcomersCanPass => true;

    /// <inheritdoc/>
    public void Enqueue(Request request)
    {
        Check.That(
            _by == LengthOrder.PromptTokens || request.PredictedOutputTokens is not null,
            $"request {request.Id} carries no predicted output length");
        _requests.Add(request);
    }

    /// <inheritdoc/>
    public void Requeue(Request request) => _requests.Add(request);

    /// <inheritdoc/>
    public void Dequeue() => _requests.RemoveHead();

    /// <inheritdoc/>
    public IEnumerable<Request> InOrder() => _requests.InOrder;

    private int LengthOf(Request request) =>
        _by == LengthOrder.PromptTokens ? request.PromptTokens : request.PredictedOutputTokens!.Value;
}
