using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// How long goodput takes to come back after a fault. Goodput is what completes within its SLO, or at all where there
/// is none. It is back with the first window of a minute, of those that begin with the fault and at every second after
/// it, in which it reaches nine tenths of what it was in the minute before the fault: 0 where it never fell. A fault
/// that strikes before the window is over with which goodput was back from the one before is measured by the same
/// minute as that: what is low already is no measure.
/// </summary>
public sealed class GoodputRecovery
{
    /// <summary>The length of a window, in seconds.</summary>
    public const int WindowS = 60;

    /// <summary>The share of the goodput before that is enough.</summary>
    public const double Level = 0.9;

    private readonly List<SimTime> _good = [];
    private bool _isSorted = true;

    /// <summary>A request was good, then.</summary>
    public void Add(SimTime completion)
    {
        _isSorted &= _good.Count == 0 || completion >= _good[^1];
        _good.Add(completion);
    }

    /// <summary>
    /// For each fault, in order of time, the seconds after it until goodput was back; null if it was not before
    /// <paramref name="end"/>, or if nothing was good before.
    /// </summary>
    public IReadOnlyList<double?> SecondsAfter(IEnumerable<SimTime> faults, SimTime end)
    {
        Check.That(_isSorted, "completions are told out of order");
        List<double?> seconds = [];
        (SimTime measure, SimTime? back) = (SimTime.Zero, SimTime.Zero);
        foreach (SimTime fault in faults)
        {
            measure = back <= fault ? fault : measure;
            double? after = SecondsAfter(fault, measure, end);
            back = after is { } s ? fault + SimTime.FromSeconds(s + WindowS) : null;
            seconds.Add(after);
        }

        return seconds;
    }

    private double? SecondsAfter(SimTime fault, SimTime measure, SimTime end)
    {
        SimTime window = new(WindowS * SimTime.TicksPerSecond);
        long before = CountIn(measure - window, measure);
        if (before == 0)
        {
            return null;
        }

        for (int second = 0; ; second++)
        {
            SimTime start = fault + new SimTime(second * SimTime.TicksPerSecond);
            if (start + window > end)
            {
                return null;
            }

            if (CountIn(start, start + window) >= Level * before)
            {
                return second;
            }
        }
    }

    /// <summary>How many were good after one instant, up to another.</summary>
    private long CountIn(SimTime after, SimTime until) => CountTo(until) - CountTo(after);

    private int CountTo(SimTime until)
    {
        (int low, int high) = (0, _good.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _good[middle] <= until ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
