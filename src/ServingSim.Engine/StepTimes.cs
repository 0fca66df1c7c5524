using System.Numerics;
using ServingSim.Kernel;

namespace ServingSim.Engine;

/// <summary>
/// How long each of some decode steps of the same requests takes: every step the same time longer than the one before,
/// because every request attends to one token more.
/// </summary>
/// <param name="First">The duration of the first.</param>
/// <param name="DifferenceTicks">What each takes longer than the one before, in ticks; no more than the first.</param>
/// <param name="Count">How many steps.</param>
public readonly record struct StepTimes(SimTime First, long DifferenceTicks, long Count)
{
    /// <summary>The time that the first <paramref name="steps"/> steps take together.</summary>
    public Int128 TicksOf(long steps) =>
        ((Int128)First.Ticks * steps) + (DifferenceTicks * ((Int128)steps * (steps - 1) / 2));

    /// <summary>Whether all of them together take no longer than a span.</summary>
    internal bool EndWithin(SimTime span)
    {
        // Above the exact time, but nearly always within the span all the same
        double bound = (First.Ticks + ((double)DifferenceTicks * Count)) * Count;
        return bound < span.Ticks / 2 || TicksOf(Count) <= span.Ticks;
    }

    /// <summary>
    /// <see cref="TicksOf"/> of at most <see cref="Count"/> steps that a replica has in flight: within the clock.
    /// </summary>
    internal long TicksWithinClock(long steps) =>
        unchecked((First.Ticks * steps) + (DifferenceTicks * (steps * (steps - 1) / 2)));

    /// <summary>
    /// How many of the steps, which all end within the clock, have ended after so many ticks; one that ends just then
    /// has.
    /// </summary>
    internal long EndedAfter(long ticks)
    {
        if (ticks < First.Ticks)
        {
            return 0;
        }

        // Where the parabola reaches the ticks; in the form that loses no digits, then put right in integers
        double difference = DifferenceTicks;
        double linear = First.Ticks - (difference / 2);
        double estimate = 2.0 * ticks / (linear + Math.Sqrt((linear * linear) + (2 * difference * ticks)));
        long steps = (long)Math.Min(estimate, Count);
        while (steps > 0 && TicksWithinClock(steps) > ticks)
        {
            steps--;
        }

        while (steps < Count && TicksWithinClock(steps + 1) <= ticks)
        {
            steps++;
        }

        return steps;
    }

    /// <summary>
    /// The sum of <see cref="TicksOf"/> at some numbers of steps. In 64 bits it is right if what was counted, times the
    /// greatest of them, is below 2^61.
    /// </summary>
    internal T SumOfTicks<T>(in StepMoments<T> steps)
        where T : struct, IBinaryInteger<T> =>
        (T.CreateTruncating(First.Ticks) * steps.Steps)
        + (T.CreateTruncating(DifferenceTicks) * ((steps.Squares - steps.Steps) / (T.One + T.One)));
}
