using CsCheck;
using ServingSim.Experiments.Workloads.Lengths;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Lengths;

public sealed class RisingNumbersTests
{
    /// <summary>Few different numbers, so that many are equal, and values on, between and beyond them.</summary>
    [Fact]
    public void A_search_equals_a_look_at_all_numbers() =>
        Gen.Select(Gen.Int[-20, 20].Array[1, 50], Gen.Int[-50, 50].Array[1, 50], Gen.Double[0.1, 1000]).Sample(
            (numbers, values, scale) =>
            {
                double[] rising = [.. numbers.Order().Select(n => n * scale)];
                RisingNumbers searched = new(rising);
                foreach (int value in values)
                {
                    int expected = Math.Max(0, Array.FindLastIndex(rising, n => n <= value * scale / 2));
                    Assert.Equal(expected, searched.LastNotAbove(value * scale / 2));
                    Assert.Equal(rising[expected], searched[expected]);
                }
            });

    [Fact]
    public void Sums_before_leave_out_the_number_itself()
    {
        (RisingNumbers before, double total) = RisingNumbers.SumsBefore([1, 2, 3]);
        Assert.Equal([0, 1, 3], Enumerable.Range(0, 3).Select(i => before[i]));
        Assert.Equal(6, total);
    }
}
