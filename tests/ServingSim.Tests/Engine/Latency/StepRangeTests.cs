using CsCheck;
using ServingSim.Engine.Latency;
using Xunit;

namespace ServingSim.Tests.Engine.Latency;

public sealed class StepRangeTests
{
    private static readonly StepRange Range = new([2, 8], [100, 200], [16, 2048]);

    [Theory]
    [InlineData(2, 100, 0, true)]
    [InlineData(8, 200, 2048, true)]
    [InlineData(0, 0, 16, true)]
    [InlineData(0, 0, 0, true)]
    [InlineData(1, 100, 0, false)]
    [InlineData(9, 100, 0, false)]
    [InlineData(2, 99, 0, false)]
    [InlineData(2, 201, 0, false)]
    [InlineData(2, 100, 15, false)]
    [InlineData(0, 0, 2049, false)]
    public void A_step_is_inside_up_to_the_limits_and_without_what_it_lacks(
        int decodes, long contextTokens, long prefillTokens, bool isInside) =>
        Assert.Equal(isInside, Range.Includes(decodes, contextTokens, prefillTokens));

    [Fact]
    public void The_steps_of_a_run_count_as_they_would_one_by_one() =>
        Gen.Select(Gen.Int[1, 10], Gen.Long[1, 250], Gen.Long[0, 300]).Sample((decodes, context, steps) =>
        {
            long outside = 0;
            for (long i = 0; i < steps; i++)
            {
                outside += Range.Includes(decodes, context + (decodes * i), 0) ? 0 : 1;
            }

            Assert.Equal(outside, Range.CountOutside(decodes, context, steps));
        });

    [Fact]
    public void Limits_that_are_none_are_problems() => Assert.Equal(
        [
            ("Decodes", "found [], expected [least, most]"),
            ("ContextTokens", "found [5, 4], expected [least, most]"),
            ("PrefillTokens", "found [-1, 4], expected [least, most]"),
        ],
        new StepRange([], [5, 4], [-1, 4]).Problems());
}
