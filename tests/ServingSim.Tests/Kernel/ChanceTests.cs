using CsCheck;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Kernel;

public sealed class ChanceTests
{
    private const int Items = 100_000;

    [Fact]
    public void A_draw_depends_on_seed_stream_and_path_and_on_nothing_else()
    {
        Assert.Equal(First(1, "arrivals", 7), First(1, "arrivals", 7));
        string[] others =
        [
            $"{First(1, "arrivals", 7)}", $"{First(2, "arrivals", 7)}", $"{First(1, "lengths", 7)}",
            $"{First(1, "arrivals", 8)}", $"{new RandomStreams(1).Stream("arrivals").At(7, 0).NextUInt64()}",
            $"{new RandomStreams(1).Stream("arrivals").At(0, 7).NextUInt64()}",
        ];
        Assert.Distinct(others);

        static ulong First(long seed, string stream, long item) =>
            new RandomStreams(seed).Stream(stream).At(item).NextUInt64();
    }

    [Fact]
    public void Draws_are_the_same_on_every_platform_and_in_every_version()
    {
        Draws draws = new RandomStreams(42).Stream("golden").At(3);
        ulong bits = draws.NextUInt64();
        string text = $"{bits:x16} {draws.NextUnit():R} {draws.NextNormal():R} {draws.NextGamma(0.5):R}";
        Assert.Equal(Golden, text);
    }

    [Fact]
    public void The_first_draws_of_items_are_uniform_and_independent()
    {
        RandomStream stream = new RandomStreams(5).Stream("uniform");
        int[] counts = new int[64];
        double previous = 0;
        double product = 0;
        for (int i = 0; i < Items; i++)
        {
            double unit = stream.At(i).NextUnit();
            Assert.InRange(unit, 0, 0.9999999999999999);
            counts[(int)(unit * counts.Length)]++;
            product += (unit - 0.5) * (previous - 0.5);
            previous = unit;
        }

        // χ² with 63 degrees of freedom is below 117 but for 1 in 10,000
        double expected = (double)Items / counts.Length;
        Assert.InRange(counts.Sum(c => (c - expected) * (c - expected) / expected), 20, 117);
        Assert.InRange(product / Items * 12, -0.013, 0.013);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(4)]
    public void Gamma_draws_have_the_mean_and_variance_of_their_shape(double shape)
    {
        RandomStream stream = new RandomStreams(6).Stream("gamma");
        (double mean, double variance) = Moments(i => stream.At(i).NextGamma(shape));
        Assert.InRange(mean / shape, 0.95, 1.05);
        Assert.InRange(variance / shape, 0.9, 1.1);
    }

    [Fact]
    public void Normal_and_exponential_draws_have_their_moments()
    {
        RandomStream stream = new RandomStreams(7).Stream("others");
        (double mean, double variance) = Moments(i => stream.At(i).NextNormal());
        Assert.InRange(mean, -0.015, 0.015);
        Assert.InRange(variance, 0.98, 1.02);
        (mean, variance) = Moments(i => stream.At(i, 1).NextExponential());
        Assert.InRange(mean, 0.985, 1.015);
        Assert.InRange(variance, 0.95, 1.05);
    }

    [Fact]
    public void An_index_is_any_of_its_range()
    {
        RandomStream stream = new RandomStreams(8).Stream("index");
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 200).Select(i => stream.At(i).NextIndex(3)).Distinct().Order());
        Assert.Throws<InvariantException>(() => stream.At(0).NextIndex(0));
    }

    [Fact]
    public void Logarithm_and_exponential_agree_with_the_platforms_to_the_last_bits() =>
        Gen.Double[1e-300, 1e300].Where(x => x > 0).Sample(x =>
        {
            Assert.Equal(1, PortableMath.Log(x) / Math.Log(x), 1e-14);
            double y = Math.Log(x);
            Assert.InRange(PortableMath.Exp(y) / Math.Exp(y), 1 - 1e-14, 1 + 1e-14);
        });

    [Fact]
    public void Logarithm_and_exponential_hold_at_the_ends_of_their_range()
    {
        Assert.Equal(0, PortableMath.Log(1));
        Assert.Equal(1, PortableMath.Exp(0));
        Assert.Equal(Math.Log(double.Epsilon), PortableMath.Log(double.Epsilon), 1e-10);
        Assert.Equal(Math.Log(double.MaxValue), PortableMath.Log(double.MaxValue), 1e-10);
        Assert.Equal(double.PositiveInfinity, PortableMath.Exp(710));
        Assert.Equal(0, PortableMath.Exp(-750));
        Assert.Throws<InvariantException>(() => PortableMath.Log(0));
    }

    private static (double Mean, double Variance) Moments(Func<int, double> draw)
    {
        double[] values = [.. Enumerable.Range(0, Items).Select(draw)];
        double mean = values.Average();
        return (mean, values.Average(v => (v - mean) * (v - mean)));
    }

    private const string Golden = "6a964193ff2e8c17 0.5532248719797122 -0.8363951209581713 0.9953390154831221";
}
