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

    /// <summary>How many of the steps have ended after so many ticks; one that ends just then has.</summary>
    internal long EndedAfter(long ticks)
    {
        // Where the parabola reaches the ticks; in the form that loses no digits, then put right in integers
        double difference = DifferenceTicks;
        double linear = First.Ticks - (difference / 2);
        double estimate = 2.0 * ticks / (linear + Math.Sqrt((linear * linear) + (2 * difference * ticks)));
        long steps = (long)Math.Min(estimate, Count);
        while (steps > 0 && TicksOf(steps) > ticks)
        {
            steps--;
        }

        while (steps < Count && TicksOf(steps + 1) <= ticks)
        {
            steps++;
        }

        return steps;
    }

    /// <summary>
    /// The sum of <see cref="TicksOf"/> at <paramref name="count"/> numbers of steps, from <paramref name="first"/> on,
    /// each <paramref name="stride"/> more than the one before.
    /// </summary>
    internal Int128 SumOfTicks(long first, long stride, long count)
    {
        Int128 pairs = (Int128)count * (count - 1) / 2;
        Int128 sum = ((Int128)first * count) + (stride * pairs);
        Int128 squares = ((Int128)first * first * count)
            + ((Int128)2 * first * stride * pairs)
            + ((Int128)stride * stride * (pairs * ((2 * (Int128)count) - 1) / 3));
        return (First.Ticks * sum) + (DifferenceTicks * ((squares - sum) / 2));
    }
}
