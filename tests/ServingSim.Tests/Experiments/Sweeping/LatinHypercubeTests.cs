using System.Globalization;
using CsCheck;
using ServingSim.Experiments.Sweeping;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Sweeping;

public sealed class LatinHypercubeTests
{
    private static double[][] Sample(LatinHypercubeOptions options)
    {
        var points = new LatinHypercube(options).Points().ToArray();
        Assert.Equal(options.Count, points.Length);
        return
        [
            .. options.Ranges.Keys.Select((path, i) => points
                .Select(p =>
                {
                    Assert.Equal(path, p[i].Key);
                    return double.Parse(p[i].Value.Text, CultureInfo.InvariantCulture);
                })
                .ToArray()),
        ];
    }

    private static LatinHypercubeOptions Options(int count, long seed, params PointRange[] ranges) => new(
        ranges.Index().ToDictionary(r => $"path{r.Index}", r => r.Item), count, seed);

    [Fact]
    public void Each_part_of_each_range_holds_one_point() => Gen.Select(
        Gen.Int[1, 40], Gen.Long, Gen.Double[0.01, 10], Gen.Double[1.5, 100]).Sample((count, seed, from, ratio) =>
    {
        double to = from * ratio;
        double[][] sample = Sample(Options(
            count, seed, new PointRange(from, to), new PointRange(from, to, RangeScale.Log)));

        // A tenth of a part is more than the sixth digit, to which numbers are rounded, can move one
        int[] Parts(double[] values, Func<double, double> share) =>
            [.. values.Select(v => (int)Math.Clamp(share(v) * count, 0, count - 1)).Order()];
        int[] once = [.. Enumerable.Range(0, count)];
        int moved = Parts(sample[0], v => (v - from) / (to - from)).Zip(once).Count(p => p.First != p.Second);
        moved += Parts(sample[1], v => Math.Log(v / from) / Math.Log(ratio)).Zip(once).Count(p => p.First != p.Second);
        Assert.True(moved <= 1, $"{moved} parts hold no point");
    });

    /// <summary>Six digits would put them all on one of two numbers.</summary>
    [Fact]
    public void Of_a_narrow_range_points_have_as_many_digits_as_their_parts_take()
    {
        double[] ten = Sample(Options(10, 5, new PointRange(1e6, 1e6 + 1)))[0];
        Assert.Equal(Enumerable.Range(0, 10), ten.Select(v => (int)(((v - 1e6) * 10) + 1e-6)).Order());
        double[] wide = Sample(Options(10, 5, new PointRange(0, 1)))[0];
        Assert.All(wide, v => Assert.True(v.ToString(CultureInfo.InvariantCulture).Length <= 9));
    }

    [Fact]
    public void Whole_numbers_are_drawn_evenly_to_both_ends()
    {
        double[] ten = Sample(Options(10, 5, new PointRange(1, 10, Whole: true)))[0];
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (double)i), ten.Order());
        double[] powers = Sample(Options(300, 5, new PointRange(1, 1000, RangeScale.Log, Whole: true)))[0];
        Assert.All(powers, p => Assert.True(p >= 1 && p <= 1000 && p == Math.Floor(p)));
        Assert.InRange(powers.Count(p => p < 10), 95, 105);
    }

    [Fact]
    public void A_path_keeps_its_sample_when_another_is_added_and_a_seed_changes_it()
    {
        double[] alone = Sample(Options(20, 7, new PointRange(0, 1)))[0];
        Assert.Equal(alone, Sample(Options(20, 7, new PointRange(0, 1), new PointRange(0, 9)))[0]);
        Assert.NotEqual(alone, Sample(Options(20, 8, new PointRange(0, 1)))[0]);
        double[][] two = Sample(Options(20, 7, new PointRange(0, 1), new PointRange(0, 1)));
        Assert.NotEqual(two[0], two[1]);
    }

    [Fact]
    public void What_is_no_range_is_told()
    {
        static string Problems(IValidated options) => string.Join('|', options.Problems().Select(p => p.Problem));
        Assert.Equal("found 1, expected more than from, 1", Problems(new PointRange(1, 1)));
        Assert.Equal(
            "found 0, but a logarithmic scale has only numbers above 0",
            Problems(new PointRange(0, 1, RangeScale.Log)));
        Assert.Equal("found 0.5, expected a whole number", Problems(new PointRange(0.5, 3, Whole: true)));
        Assert.Equal("found 0, expected 1 to 100000", Problems(Options(0, 1, new PointRange(0, 1))));
        Assert.Equal("found no range, expected at least one path with a range", Problems(Options(1, 1)));
    }
}
