using CsCheck;
using ServingSim.Engine;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Engine;

/// <summary>The closed forms of a run's times, against sums over its steps.</summary>
public sealed class StepTimesTests
{
    private static readonly Gen<StepTimes> Any =
        from difference in Gen.OneOf(Gen.Const(0L), Gen.Long[0, 3], Gen.Long[0, 100_000])
        from longer in Gen.OneOf(Gen.Long[0, 3], Gen.Long[0, 1_000_000_000])
        from count in Gen.Long[1, 200]
        select new StepTimes(new SimTime(Math.Max(1, difference + longer)), difference, count);

    [Fact]
    public void Sums_are_those_of_the_steps() => Any.Sample(times =>
    {
        Int128 sum = 0;
        for (long steps = 0; steps <= times.Count; steps++)
        {
            Assert.Equal(sum, times.TicksOf(steps));
            sum += times.First.Ticks + (steps * times.DifferenceTicks);
        }
    });

    [Fact]
    public void As_many_steps_have_ended_as_fit() =>
        Gen.Select(Any, Gen.Double[0, 1.2], Gen.Long[-1, 1]).Sample((times, share, aside) =>
        {
            // Anywhere, and at and beside the end of a step
            long at = (long)(share * times.Count);
            long ticks = Math.Max(0, (long)times.TicksOf(at) + aside);
            long expected = 0;
            while (expected < times.Count && times.TicksOf(expected + 1) <= ticks)
            {
                expected++;
            }

            Assert.Equal(expected, times.EndedAfter(ticks));
        });

    [Fact]
    public void Sums_over_every_so_many_steps_are_those_of_the_terms() =>
        Gen.Select(Any, Gen.Long[1, 40], Gen.Long[1, 40], Gen.Long[0, 30]).Sample((times, first, stride, count) =>
        {
            Int128 sum = 0;
            for (long i = 0; i < count; i++)
            {
                sum += times.TicksOf(first + (i * stride));
            }

            StepMoments<Int128> one = new(1, first, first * first);
            StepMoments<long> other = new StepMoments<long>(1, 1, 1).After(first - 1);
            Assert.Equal(sum, times.SumOfTicks(one.Repeated(count, stride)));
            Assert.Equal(sum, times.SumOfTicks(other.Repeated(count, stride)));
        });

    [Fact]
    public void A_year_of_steps_is_told_to_the_step()
    {
        StepTimes times = new(new SimTime(700_000_000), 4_890, 50_000_000);
        for (long steps = 1; steps < times.Count; steps += 1_234_567)
        {
            if (times.TicksOf(steps) < long.MaxValue)
            {
                long end = (long)times.TicksOf(steps);
                Assert.Equal((steps - 1, steps), (times.EndedAfter(end - 1), times.EndedAfter(end)));
            }
        }
    }

    /// <summary>Where the estimate in floating point is one step short, or one too many.</summary>
    [Theory]
    [InlineData(66_878_718_357, 1, 3_421_111)]
    [InlineData(78_210_372, 17_032, 8_253_780)]
    [InlineData(4_203, 4_052, 25_749_752)]
    [InlineData(700_000_000, 4_890, 49_382_281)]
    public void A_step_has_ended_at_its_end_and_not_a_tick_earlier(long first, long difference, long steps)
    {
        StepTimes times = new(new SimTime(first), difference, steps + 2);
        long end = (long)times.TicksOf(steps);
        Assert.Equal((steps - 1, steps), (times.EndedAfter(end - 1), times.EndedAfter(end)));
    }
}
