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
    private (long Slot, int Regime, double Rate) _known = (-1, -1, 0);

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
        long slot = at.Ticks / _slot.Ticks;
        while (true)
        {
            int regime = RegimeAt(at);
            SimTime end = EndOf(slot, regime);
            double rate = RateOf(slot, regime);
            double rest = rate * (end - at).TotalSeconds;
            if (amount < rest)
            {
                return SimTime.Min(at + SimTime.FromSeconds(amount / rate), new SimTime(end.Ticks - 1));
            }

            amount -= rest;
            at = end;
            slot = at.Ticks / _slot.Ticks;
        }
    }

    private SimTime EndOf(long slot, int regime)
    {
        SimTime end = _slot * (slot + 1);
        return regime < Regimes.Count ? SimTime.Min(end, Regimes[regime].From) : end;
    }

    private double RateOf(long slot, int regime)
    {
        if (_known.Slot != slot || _known.Regime != regime)
        {
            int day = (int)(slot / _slotsPerDay);
            double rate = _rateOf(day, (int)(slot % _slotsPerDay))
                * (regime == 0 ? 1 : Regimes[regime - 1].Factor)
                * Factor(_days.At(day), _waves.DaySigma)
                * Factor(_hours.At(_slot.Ticks * slot / Hour.Ticks), _waves.HourSigma)
                * Factor(_slots.At(slot), _waves.SlotSigma);
            _known = (slot, regime, rate);
        }

        return _known.Rate;
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
