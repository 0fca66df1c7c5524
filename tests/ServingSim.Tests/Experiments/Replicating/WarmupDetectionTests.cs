using ServingSim.Experiments.Replicating;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Replicating;

public sealed class WarmupDetectionTests
{
    /// <summary>Rises to 100 as 1 − e^(−i/20): after 60 windows 5 are missing, after 100 less than one.</summary>
    private static readonly double[] Rising =
        [.. Enumerable.Range(0, 500).Select(i => (100 * (1 - Math.Exp(-i / 20.0))) + Noise(i))];

    private static readonly double[] Steady = [.. Enumerable.Range(0, 500).Select(i => 100 + Noise(i))];

    private static readonly double[] Growing = [.. Enumerable.Range(0, 500).Select(i => i + Noise(i))];

    [Fact]
    public void A_start_that_fades_is_left_out()
    {
        Assert.InRange(WarmupDetection.Mser5(Rising)!.Value, 40, 130);
        Assert.InRange(WarmupDetection.Welch(Rising)!.Value, 30, 80);
    }

    [Fact]
    public void A_steady_series_loses_little_or_nothing()
    {
        Assert.InRange(WarmupDetection.Mser5(Steady)!.Value, 0, 50);
        Assert.Equal(0, WarmupDetection.Welch(Steady));
    }

    [Fact]
    public void A_series_that_grows_to_its_end_has_no_warm_up()
    {
        Assert.Null(WarmupDetection.Mser5(Growing));
        Assert.Null(WarmupDetection.Welch(Growing));
        Assert.Null(WarmupDetection.Mser5([1, 2, 3]));
        Assert.Null(WarmupDetection.Welch([1, 2, 3]));
    }

    /// <summary>By hand: batches of five with means 0, 10, 10, 12, 8, 10, 10, 10.</summary>
    [Fact]
    public void Mser_5_minimises_the_error_of_the_mean_over_batches_of_five()
    {
        double[] means = [0, 10, 10, 12, 8, 10, 10, 10];
        Assert.Equal(5, WarmupDetection.Mser5([.. means.SelectMany(m => Enumerable.Repeat(m, 5))]));
    }

    private static double Noise(int i)
    {
        Draws draws = new RandomStreams(1).Stream("noise").At(i);
        return draws.NextNormal();
    }
}
