using ServingSim.Kernel;

namespace ServingSim.Experiments.Results;

/// <summary>
/// How long goodput takes to come back after a fault. Goodput is what completes within its SLO, or at all where there
/// is none. It is back with the first window of a minute, of those that begin with the fault and at every second after
/// it, in which it reaches nine tenths of what it was in the minute before the fault: 0 where it never fell.
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
    /// Seconds after a fault until goodput was back; null if it was not before <paramref name="end"/>, or if nothing
    /// was good before.
    /// </summary>
    public double? SecondsAfter(SimTime fault, SimTime end)
    {
        Check.That(_isSorted, "completions are told out of order");
        SimTime window = new(WindowS * SimTime.TicksPerSecond);
        long before = CountIn(fault - window, fault);
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
