using CsCheck;
using ServingSim.Engine;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Engine;

/// <summary>What a cohort foretells of its next steps, against a look at every request in every step.</summary>
public sealed class DecodeCohortTests
{
    private static readonly Gen<Case> AnyCase =
        from blockSize in Gen.Int[1, 20]
        from begun in Gen.Int[0, 600]
        from requests in Gen.Select(Gen.Int[1, 60], Gen.OneOf(Gen.Int[1, 60], Gen.Int[200, 1_200])).List[1, 12]
        from steps in Gen.Int[1, 150]
        select new Case(blockSize, begun, requests, steps);

    /// <summary>Up to as long as the clock goes, so that some sums fit into 64 bits and some do not.</summary>
    private static readonly Gen<(long First, long Difference)> AnyTimes =
        from bits in Gen.Int[1, 55]
        from first in Gen.Long[1, 1L << bits]
        from share in Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 1e-3])
        select (first, (long)(first * share));

    [Fact]
    public void The_next_finish_is_that_of_the_request_with_the_fewest_tokens_left() =>
        AnyCase.Sample(c => Assert.Equal(c.Requests.Min(r => r.Output) - 1L, c.Cohort().StepsToNextFinish));

    [Fact]
    public void Blocks_suffice_for_as_many_steps_as_take_no_more() =>
        Gen.Select(AnyCase, Gen.Int[0, 60]).Sample((c, blocks) =>
        {
            DecodeCohort cohort = c.Cohort();
            int taken = 0;
            long within = 0;
            for (int step = 1; step <= c.Steps; step++)
            {
                taken += c.BlocksIn(step);
                Assert.Equal(taken, cohort.BlocksForSteps(step));
                within = taken <= blocks ? step : within;
            }

            Assert.Equal(within, cohort.StepsWithin(blocks, c.Steps));
        });

    [Fact]
    public void The_time_that_blocks_are_held_is_summed_exactly_however_long_it_is()
    {
        int beyond = 0;
        Gen.Select(AnyCase, AnyTimes).Sample(
            (c, drawn) =>
            {
                StepTimes times = new(new SimTime(drawn.First), drawn.Difference, c.Steps);
                Int128 sum = 0;
                for (int step = 1; step < c.Steps; step++)
                {
                    sum += c.BlocksIn(step) * (times.TicksOf(c.Steps) - times.TicksOf(step));
                }

                Assert.Equal(sum, c.Cohort().BlockTicks(c.Steps, times));
                beyond += sum > long.MaxValue ? 1 : 0;
            },
            iter: 5_000,
            threads: 1);
        Assert.True(beyond > 50, $"{beyond} sums beyond 64 bits");
    }

    /// <summary>Requests with so many computed tokens and outputs to go, in a cohort that begins a step.</summary>
    private sealed record Case(int BlockSize, int Begun, List<(int Computed, int Output)> Requests, int Steps)
    {
        public DecodeCohort Cohort()
        {
            DecodeCohort cohort = new(BlockSize);
            cohort.AdvanceAll(Begun);
            foreach ((int computed, int output) in Requests)
            {
                Request request = A.Request(0, prompt: computed, output);
                request.LimitTo(int.MaxValue);
                request.SetComputed(computed);
                cohort.Join(request);
            }

            cohort.AdvanceAll();
            return cohort;
        }

        /// <summary>Blocks that a step takes, 1 being the one after that which has begun.</summary>
        public int BlocksIn(int step) => Requests.Count(r => (r.Computed + step) % BlockSize == 0);

        public override string ToString() => $"{BlockSize} {Begun} {Steps} {string.Join(' ', Requests)}";
    }
}
