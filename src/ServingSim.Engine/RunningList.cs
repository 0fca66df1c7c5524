namespace ServingSim.Engine;

/// <summary>The admitted requests in order of admission, linked through themselves.</summary>
internal sealed class RunningList
{
    private long _admissions;

    internal Request? First { get; private set; }

    internal Request? Last { get; private set; }

    internal int Count { get; private set; }

    internal void Append(Request request)
    {
        request.AdmissionOrdinal = _admissions++;
        (request.PreviousRunning, request.NextRunning) = (Last, null);
        if (Last is null)
        {
            First = request;
        }
        else
        {
            Last.NextRunning = request;
        }

        Last = request;
        Count++;
    }

    internal void Remove(Request request)
    {
        (Request? before, Request? after) = (request.PreviousRunning, request.NextRunning);
        if (before is null)
        {
            First = after;
        }
        else
        {
            before.NextRunning = after;
        }

        if (after is null)
        {
            Last = before;
        }
        else
        {
            after.PreviousRunning = before;
        }

        (request.PreviousRunning, request.NextRunning) = (null, null);
        Count--;
    }
}
