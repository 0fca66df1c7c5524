using System.Globalization;

namespace ServingSim.Kernel;

/// <summary>
/// An instant or a span of simulated time, in integer ticks of 10 ps: sums are exact and ties are ties.
/// The range is about 2.9 simulated years either side of zero; arithmetic that leaves it throws.
/// </summary>
public readonly record struct SimTime(long Ticks) : IComparable<SimTime>
{
    /// <summary>Ticks in one second.</summary>
    public const long TicksPerSecond = 100_000_000_000;

    /// <summary>The start of a simulation, and the empty span.</summary>
    public static readonly SimTime Zero;

    /// <summary>The shortest span there is: 10 ps.</summary>
    public static readonly SimTime OneTick = new(1);

    /// <summary>The last instant that can be told.</summary>
    public static readonly SimTime Max = new(long.MaxValue);

    /// <summary>This span in seconds; for people and result files, never for decisions.</summary>
    public double TotalSeconds => Ticks / (double)TicksPerSecond;

    /// <summary>This span in milliseconds; for people and result files, never for decisions.</summary>
    public double TotalMilliseconds => Ticks / (TicksPerSecond / 1e3);

    /// <summary>
    /// The tick nearest to <paramref name="seconds"/>; throws <see cref="ClockRangeException"/> out of range.
    /// </summary>
    public static SimTime FromSeconds(double seconds) => FromTicks(Math.Round(seconds * TicksPerSecond));

    /// <summary>
    /// The first tick not before <paramref name="seconds"/>: for durations that have a physical floor.
    /// </summary>
    public static SimTime FromSecondsRoundedUp(double seconds) =>
        FromTicks(Math.Ceiling(seconds * TicksPerSecond));

    /// <summary>The tick nearest to <paramref name="milliseconds"/>.</summary>
    public static SimTime FromMilliseconds(double milliseconds) => FromSeconds(milliseconds / 1e3);

    /// <summary>The earlier of two instants, or the shorter of two spans.</summary>
    public static SimTime Min(SimTime a, SimTime b) => a <= b ? a : b;

    /// <summary>The later of two instants, or the longer of two spans.</summary>
    public static SimTime Later(SimTime a, SimTime b) => a >= b ? a : b;

    /// <inheritdoc/>
    public int CompareTo(SimTime other) => Ticks.CompareTo(other.Ticks);

    /// <summary>Exact decimal seconds, as in "1.50000000000 s".</summary>
    public override string ToString() =>
        ((decimal)Ticks / TicksPerSecond).ToString("0.00000000000", CultureInfo.InvariantCulture) + " s";

    /// <summary>The instant a span after another.</summary>
    public static SimTime operator +(SimTime a, SimTime b)
    {
        long sum = unchecked(a.Ticks + b.Ticks);
        return ((a.Ticks ^ sum) & (b.Ticks ^ sum)) >= 0 ? new SimTime(sum) : OutOfRange(a, '+', b);
    }

    /// <summary>The span between two instants.</summary>
    public static SimTime operator -(SimTime a, SimTime b)
    {
        long difference = unchecked(a.Ticks - b.Ticks);
        bool inRange = ((a.Ticks ^ b.Ticks) & (a.Ticks ^ difference)) >= 0;
        return inRange ? new SimTime(difference) : OutOfRange(a, '-', b);
    }

    /// <summary>A span repeated.</summary>
    public static SimTime operator *(SimTime a, long count)
    {
        // Nearly all are so far within the clock that no exact product is needed to see it
        bool fits = Math.Abs((double)a.Ticks * count) < 1L << 62;
        return fits ? new SimTime(unchecked(a.Ticks * count)) : Product(a, count);
    }

    /// <summary>Whether one instant is before another.</summary>
    public static bool operator <(SimTime a, SimTime b) => a.Ticks < b.Ticks;

    /// <summary>Whether one instant is after another.</summary>
    public static bool operator >(SimTime a, SimTime b) => a.Ticks > b.Ticks;

    /// <summary>Whether one instant is not after another.</summary>
    public static bool operator <=(SimTime a, SimTime b) => a.Ticks <= b.Ticks;

    /// <summary>Whether one instant is not before another.</summary>
    public static bool operator >=(SimTime a, SimTime b) => a.Ticks >= b.Ticks;

    private static SimTime FromTicks(double ticks) =>
        ticks is > -9.2233720368547758e18 and < 9.2233720368547758e18
            ? new SimTime((long)ticks)
            : throw new ClockRangeException($"{ticks} ticks are beyond the clock");

    private static SimTime Product(SimTime a, long count)
    {
        long high = Math.BigMul(a.Ticks, count, out long product);
        return high == product >> 63 ? new SimTime(product) : OutOfRange(a, '*', count);
    }

    // Out of line, so that the operators are small enough to be inlined
    private static SimTime OutOfRange<T>(SimTime a, char sign, T b) =>
        throw new ClockRangeException($"{a} {sign} {b} is beyond the clock");
}
