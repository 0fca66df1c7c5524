using ServingSim.Kernel;

namespace ServingSim.Experiments.Workloads.Arrivals;

/// <summary>
/// A clock that runs as fast as arrivals come: at a rate for each slot of the day, multiplied by chance for the day and
/// the slot and by the regime. Draws are keyed by day and slot, so that they do not depend on what arrives.
/// </summary>
internal sealed class WaveClock
{
    private static readonly SimTime Hour = SimTime.FromSeconds(3600);

    private readonly SimTime _slot;
    private readonly int _slotsPerDay;
    private readonly WaveOptions _waves;
    private readonly Func<int, int, double> _rateOf;
    private readonly RandomStream _days;
    private readonly RandomStream _hours;
    private readonly RandomStream _slots;
    private readonly SimTime _chance;
    private (SimTime End, double Rate) _known;

    /// <summary>A clock.</summary>
    /// <param name="slot">How long a slot is; a day is a whole number of them.</param>
    /// <param name="slotsPerDay">That number.</param>
    /// <param name="waves">Chance and regimes.</param>
    /// <param name="rateOf">The rate of a day, from 0, and a slot of it; from day 7 on they repeat.</param>
    /// <param name="streams">Chance.</param>
    internal WaveClock(
        SimTime slot, int slotsPerDay, WaveOptions? waves, Func<int, int, double> rateOf, RandomStreams streams)
    {
        (_slot, _slotsPerDay, _waves, _rateOf) = (slot, slotsPerDay, waves ?? new WaveOptions(), rateOf);
        _chance = _waves.SlotTime ?? slot;
        _days = streams.Stream("day-waves");
        _hours = streams.Stream("hour-waves");
        _slots = streams.Stream("slot-waves");
    }

    private IReadOnlyList<RegimeOptions> Regimes => _waves.Regimes ?? [];

    /// <summary>Which day an instant lies in, from 0, and which slot of it.</summary>
    internal (int Day, int Slot) SlotOf(SimTime at)
    {
        long slot = at.Ticks / _slot.Ticks;
        return ((int)(slot / _slotsPerDay), (int)(slot % _slotsPerDay));
    }

    /// <summary>
    /// The instant by which so much has passed on this clock; throws <see cref="ClockRangeException"/> beyond the
    /// simulation's.
    /// </summary>
    internal SimTime After(SimTime from, double amount)
    {
        SimTime at = from;
        while (true)
        {
            if (at >= _known.End || at == SimTime.Zero)
            {
                _known = StretchAt(at);
            }

            (SimTime end, double rate) = _known;
            double rest = rate * (end - at).TotalSeconds;
            if (amount < rest)
            {
                return SimTime.Min(at + SimTime.FromSeconds(amount / rate), new SimTime(end.Ticks - 1));
            }

            amount -= rest;
            at = end;
        }
    }

    /// <summary>The rate at an instant, and until when it stands.</summary>
    private (SimTime End, double Rate) StretchAt(SimTime at)
    {
        long slot = at.Ticks / _slot.Ticks;
        long chance = at.Ticks / _chance.Ticks;
        int regime = RegimeAt(at);
        SimTime end = SimTime.Min(_slot * (slot + 1), _chance * (chance + 1));
        end = regime < Regimes.Count ? SimTime.Min(end, Regimes[regime].From) : end;
        int day = (int)(slot / _slotsPerDay);
        double rate = _rateOf(day, (int)(slot % _slotsPerDay))
            * (regime == 0 ? 1 : Regimes[regime - 1].Factor)
            * Factor(_days.At(day), _waves.DaySigma)
            * Factor(_hours.At(_slot.Ticks * slot / Hour.Ticks), _waves.HourSigma)
            * Factor(_slots.At(chance), _waves.SlotSigma);
        return (end, rate);
    }

    /// <summary>How many regimes have begun.</summary>
    private int RegimeAt(SimTime at)
    {
        int begun = 0;
        while (begun < Regimes.Count && Regimes[begun].From <= at)
        {
            begun++;
        }

        return begun;
    }

    private static double Factor(Draws draws, double sigma) =>
        sigma == 0 ? 1 : PortableMath.Exp((sigma * draws.NextNormal()) - (sigma * sigma / 2));
}
