using ServingSim.Cluster;
using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>Counts what failed in the trace and in the run, by service and by window of arrival.</summary>
/// <param name="interval">The length of a window.</param>
/// <param name="labels">The labels that tell services apart.</param>
internal sealed class FailureTally(SimTime interval, IReadOnlyList<string> labels)
{
    private readonly SortedDictionary<(string Service, long Window), FailureWindow> _windows = new(
        Comparer<(string Service, long Window)>.Create((a, b) =>
            string.CompareOrdinal(a.Service, b.Service) is not 0 and var order ? order : a.Window.CompareTo(b.Window)));

    private readonly Memo<string, string> _services = new(text =>
        labels.Count == 0 ? "all"
            : string.Join(", ", labels.Select(label => LabelText.ValueOf(text, label) ?? Summary.None)));

    /// <summary>The windows with requests, by service and in order of time.</summary>
    internal IReadOnlyList<FailureWindow> Windows => [.. _windows.Values];

    /// <summary>The figures of each service.</summary>
    internal IReadOnlyList<FailureFigures> Figures =>
        [.. _windows.Values.GroupBy(w => w.Service).Select(service => FailureFigures.Of([.. service]))];

    /// <summary>A request of the trace that failed there.</summary>
    internal void AddFailedInTrace(SimTime arrival, Labels of) =>
        Change(arrival.TotalSeconds, of.ToString(), w => w with { TraceFailed = w.TraceFailed + 1 });

    /// <summary>A client request whose outcome is known, or that the run's end cut off.</summary>
    internal void Add(in RequestRecord record)
    {
        FinalOutcome outcome = FinishReason.OutcomeOf(record.FinishReason);
        bool isPreempted = record.Preemptions > 0;
        Change(record.ArrivalS, record.Labels, w => w with
        {
            TimedOut = w.TimedOut + (outcome == FinalOutcome.Aborted ? 1 : 0),
            Refused = w.Refused + (outcome == FinalOutcome.Refused ? 1 : 0),
            Lost = w.Lost + (outcome == FinalOutcome.Lost ? 1 : 0),
            Preempted = w.Preempted + (isPreempted ? 1 : 0),
        });
    }

    private void Change(double arrivalS, string of, Func<FailureWindow, FailureWindow> change)
    {
        string service = _services.Of(of);
        long window = SimTime.FromSeconds(arrivalS).Ticks / interval.Ticks;
        FailureWindow before = _windows.GetValueOrDefault((service, window)) ?? new FailureWindow
        {
            StartS = (interval * window).TotalSeconds,
            Service = service,
            Requests = 0,
        };
        _windows[(service, window)] = change(before) with { Requests = before.Requests + 1 };
    }
}
