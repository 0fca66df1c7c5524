namespace ServingSim.Engine.Scheduling;

/// <summary>
/// Waiting requests in an order of their own, in which newcomers and preempted requests take their place; requests that
/// are equal in it go by the time at which the front end received them, then by their ids as text.
/// </summary>
internal sealed class SortedWaitingQueue(Comparison<Request> order)
{
    private readonly SortedSet<Request> _requests = new(Comparer<Request>.Create((a, b) => Compare(order, a, b)));

    internal int Count => _requests.Count;

    internal Request? Head => _requests.Min;

    internal IEnumerable<Request> InOrder => _requests;

    internal void Add(Request request) => _requests.Add(request);

    internal void RemoveHead() => _requests.Remove(_requests.Min!);

    internal void Remove(Request request) => _requests.Remove(request);

    private static int Compare(Comparison<Request> order, Request a, Request b)
    {
        int byOrder = order(a, b);
        if (byOrder != 0)
        {
            return byOrder;
        }

        int byTime = a.FrontEndArrival.CompareTo(b.FrontEndArrival);
        return byTime != 0 ? byTime : string.CompareOrdinal(a.Id.ToString(), b.Id.ToString());
    }
}
