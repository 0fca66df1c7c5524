using CsCheck;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Lengths;

/// <summary>Length distributions given by a formula: uniform, zipf, pareto.</summary>
public sealed class LengthLawTests
{
    [Fact]
    public void Uniform_lengths_are_all_as_frequent()
    {
        int[] drawn = Drawn(new UniformLengths(new(10, 19)), 100_000);

        Assert.Equal(Enumerable.Range(10, 10), drawn.Distinct().Order());
        Assert.All(drawn.CountBy(t => t), c => Assert.InRange(c.Value, 9_600, 10_400));
        Assert.All(Drawn(new UniformLengths(new(7, 7)), 10), t => Assert.Equal(7, t));
    }

    // BurstGPT's θ and the two that others vary it to, at 4096 tokens
    [Theory]
    [InlineData(0.7, 1015, 507)]
    [InlineData(1.1, 318, 19)]
    [InlineData(1.5, 49, 2)]
    public void Zipf_lengths_have_the_means_and_medians_known_of_them(double theta, int mean, int median)
    {
        int[] drawn = Drawn(new ZipfLengths(new(theta, 4096)), 200_000);
        Array.Sort(drawn);

        Assert.InRange(drawn.Average(), mean * 0.97, mean * 1.03);
        Assert.InRange(drawn[100_000], median * 0.97, median * 1.03);
    }

    [Fact]
    public void Zipf_lengths_are_as_frequent_as_their_power()
    {
        int[] drawn = Drawn(new ZipfLengths(new(2, 3)), 49_000);

        // 1, 1/4, 1/9 of a sum of 49/36
        Assert.InRange(drawn.Count(t => t == 1), 36_000 - 400, 36_000 + 400);
        Assert.InRange(drawn.Count(t => t == 2), 9_000 - 350, 9_000 + 350);
        Assert.InRange(drawn.Count(t => t == 3), 4_000 - 250, 4_000 + 250);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.5)]
    [InlineData(3)]
    public void Pareto_lengths_have_the_mean_and_median_of_the_truncated_law(double shape)
    {
        const double Min = 100;
        const double Max = 10_000;
        int[] drawn = Drawn(new ParetoLengths(new(shape, (int)Min, (int)Max)), 200_000);
        Array.Sort(drawn);

        double above = Math.Pow(Min / Max, shape);
        double mean = shape / (1 - above) * Math.Pow(Min, shape)
            * (Math.Pow(Min, 1 - shape) - Math.Pow(Max, 1 - shape)) / (shape - 1);
        double median = Min * Math.Pow((1 + above) / 2, -1 / shape);
        Assert.InRange(drawn.Average(), mean * 0.98, mean * 1.02);
        Assert.InRange(drawn[100_000], median * 0.98, median * 1.02);
    }

    [Fact]
    public void Lengths_keep_within_their_limits() =>
        Gen.Select(Gen.Double[0.01, 10], Gen.Int[1, 1000], Gen.Int[1, 1000], Gen.Long).Sample((shape, a, b, seed) =>
        {
            Draws draws = new RandomStreams(seed).Stream("law").At(0);
            (int min, int max) = (Math.Min(a, b), Math.Max(a, b));
            return IsWithin(new UniformLengths(new(min, max)), min, max)
                && IsWithin(new UniformLengths(new(min, int.MaxValue)), min, int.MaxValue)
                && IsWithin(new ParetoLengths(new(shape, min, max)), min, max)
                && IsWithin(new ParetoLengths(new(shape, min, int.MaxValue)), min, int.MaxValue)
                && IsWithin(new ZipfLengths(new(shape, max)), 1, max);

            bool IsWithin(ILengths lengths, int least, int most) =>
                lengths.Draw(ref draws) is int tokens && tokens >= least && tokens <= most;
        });

    [Fact]
    public void Options_out_of_range_are_problems()
    {
        Assert.Empty(new UniformLengthsOptions(1, 1).Problems());
        Assert.Equal(
            ["MinTokens", "MaxTokens"], new UniformLengthsOptions(0, -1).Problems().Select(p => p.Parameter));

        Assert.Empty(new ZipfLengthsOptions(0, 1).Problems());
        Assert.Equal(
            ["Theta", "MaxTokens"], new ZipfLengthsOptions(double.NaN, 0).Problems().Select(p => p.Parameter));
        Assert.Equal(
            ["Theta", "MaxTokens"], new ZipfLengthsOptions(-0.1, 10_000_001).Problems().Select(p => p.Parameter));

        Assert.Empty(new ParetoLengthsOptions(1, 5, 5).Problems());
        Assert.Equal(
            ["Shape", "MinTokens", "MaxTokens"],
            new ParetoLengthsOptions(double.NaN, 0, -1).Problems().Select(p => p.Parameter));
    }

    private static int[] Drawn(ILengths lengths, int count)
    {
        RandomStream stream = new RandomStreams(1).Stream("lengths");
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            Draws draws = stream.At(i);
            return lengths.Draw(ref draws);
        })];
    }
}
