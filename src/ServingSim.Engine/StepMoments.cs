using System.Numerics;

namespace ServingSim.Engine;

/// <summary>
/// Something taken in some steps of a run: how much in all, and the sums of it times the numbers of the steps that took
/// it, and times their squares. What follows for a sum over quadratic times needs no other look at the steps.
/// </summary>
internal readonly record struct StepMoments<T>(T Count, T Steps, T Squares)
    where T : struct, IBinaryInteger<T>
{
    /// <summary>So much more, in step number <paramref name="step"/>.</summary>
    internal StepMoments<T> With(int count, int step)
    {
        T more = T.CreateTruncating(count);
        T at = T.CreateTruncating(step);
        return new(Count + more, Steps + (more * at), Squares + (more * at * at));
    }

    /// <summary>The same, all of it so many steps later.</summary>
    internal StepMoments<T> After(T steps)
    {
        T shifted = Count * steps;
        return new(Count, Steps + shifted, Squares + (steps * (Steps + Steps + shifted)));
    }

    /// <summary>The same so many times, each so many steps after the one before.</summary>
    internal StepMoments<T> Repeated(T times, T stride)
    {
        T two = T.One + T.One;
        T pairs = times * (times - T.One) / two;
        T squares = pairs * ((two * times) - T.One) / (two + T.One);
        return new(
            Count * times,
            (Steps * times) + (Count * stride * pairs),
            (Squares * times) + (stride * ((two * Steps * pairs) + (Count * stride * squares))));
    }

    public static StepMoments<T> operator +(in StepMoments<T> a, in StepMoments<T> b) =>
        new(a.Count + b.Count, a.Steps + b.Steps, a.Squares + b.Squares);
}
