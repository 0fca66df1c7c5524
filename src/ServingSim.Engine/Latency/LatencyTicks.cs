using ServingSim.Kernel;

namespace ServingSim.Engine.Latency;

/// <summary>Times that users write in milliseconds, in integer ticks.</summary>
internal static class LatencyTicks
{
    private const decimal TicksPerMs = 100_000_000;

    /// <summary>
    /// The first tick not before a time. Decimal, so that 18.1 ms is what the user wrote, not the double just above it.
    /// </summary>
    internal static long RoundedUp(double ms) => ms < SimTime.Max.TotalMilliseconds
        ? (long)decimal.Ceiling((decimal)ms * TicksPerMs)
        : throw new ClockRangeException($"{ms} ms is beyond the clock");

    /// <summary>Ticks as a time; throws <see cref="ClockRangeException"/> beyond the clock.</summary>
    internal static SimTime WithinClock(Int128 ticks) => ticks <= SimTime.Max.Ticks
        ? new SimTime((long)ticks)
        : throw new ClockRangeException($"a step of {ticks} ticks is beyond the clock");
}
