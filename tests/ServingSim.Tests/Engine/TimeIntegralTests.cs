using CsCheck;
using ServingSim.Engine;
using Xunit;

namespace ServingSim.Tests.Engine;

/// <summary>A time integral is exact beyond what 64 bits hold.</summary>
public sealed class TimeIntegralTests
{
    /// <summary>Long and short spans, large and small counts, on both sides of what one word takes.</summary>
    private static readonly Gen<(long Ticks, int Count)> AnyStretch =
        from ticks in Gen.OneOf(Gen.Long[0, 1L << 43], Gen.Long[(1L << 42) - 2, (1L << 42) + 2], Gen.Long[0, 1L << 61])
        from count in Gen.OneOf(Gen.Int[0, 2_000], Gen.Int[(1 << 20) - 2, (1 << 20) + 2], Gen.Int[0, int.MaxValue])
        select (ticks, count);

    [Fact]
    public void It_is_the_sum_of_its_stretches() =>
        AnyStretch.List[0, 200].Sample(stretches =>
        {
            TimeIntegral integral = default;
            Int128 sum = 0;
            foreach ((long ticks, int count) in stretches)
            {
                integral.Add(ticks, count);
                sum += (Int128)ticks * count;
                Assert.Equal(sum, integral.Value);
            }
        });
}
