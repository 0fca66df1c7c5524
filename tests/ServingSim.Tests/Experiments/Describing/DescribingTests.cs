using ServingSim.Experiments.Describing;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Describing;

/// <summary>The statistics of a description, on rows made by hand and by known processes.</summary>
public sealed class DescribingTests
{
    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(200)]
    public void Gamma_gaps_are_found_again(double shape)
    {
        RandomStream stream = new RandomStreams(7).Stream("test");
        (double sum, double logs) = (0, 0);
        const int Count = 40_000;
        for (int i = 0; i < Count; i++)
        {
            Draws draws = stream.At(i);
            double gap = draws.NextGamma(shape) / 3;
            sum += gap;
            logs += Math.Log(Math.Max(gap, 1e-300));
        }

        GammaFit fit = GammaFit.Of(sum / Count, logs / Count)!.Value;
        Assert.InRange(fit.Alpha, shape * 0.97, shape * 1.03);
        Assert.InRange(fit.Beta, 3 * 0.96, 3 * 1.04);
    }

    [Fact]
    public void Equal_gaps_have_no_fit() => Assert.Null(GammaFit.Of(2, Math.Log(2)));

    [Fact]
    public void The_trigamma_function_has_its_known_values()
    {
        Assert.Equal(Math.PI * Math.PI / 6, GammaFit.TriGamma(1), 1e-9);
        Assert.Equal(Math.PI * Math.PI / 2, GammaFit.TriGamma(0.5), 1e-9);
    }

    [Fact]
    public void Quantiles_and_sorting_agree_however_large_the_counts()
    {
        int[] few = [5, 1, 9, 1];
        Assert.Equal([1, 1, 5, 9], Sample.Sorted(few));
        Assert.Equal([1, 5, int.MaxValue], Sample.Sorted([5, int.MaxValue, 1]));
        Assert.Equal(3, Sample.Quantile(Sample.Sorted(few), 0.5));
        Assert.Null(Sample.Quantile(Array.Empty<int>(), 0.5));
    }

    [Fact]
    public void Ranks_of_equal_numbers_are_shared()
    {
        // Ranks 0.5, 0.5, 2 and 0, 1, 2
        Assert.Equal(0.866, Sample.RankCorrelation([3, 3, 8], [1, 2, 3])!.Value, 3);
        Assert.Null(Sample.RankCorrelation([3, 3, 3], [1, 2, 3]));
    }

    [Fact]
    public void Dispersion_is_variance_over_mean_of_whole_spans()
    {
        // One row in every second but three in each tenth: of ten seconds 12, always
        double[] times =
            [.. Enumerable.Range(0, 2001).SelectMany(s => Enumerable.Repeat((double)s, s % 10 == 9 ? 3 : 1))];
        IReadOnlyList<Dispersion> found = Dispersion.Of(Rows(times), Rows(times));

        double mean = 1.2;
        double variance = 2000.0 / 1999 * ((0.9 * 0.04) + (0.1 * 1.8 * 1.8));
        Assert.Equal(variance / mean, found[0].Overall!.Value, 1e-6);
        Assert.Equal(0, found[1].Overall!.Value, 1e-9);
        Assert.Null(found[^1].Overall);
    }

    [Fact]
    public void Hours_that_the_trace_begins_or_ends_in_count_with_what_it_covers()
    {
        // 10, 20, 10, 20 … rows a minute from minute 55 of hour 0 to minute 5 of hour 1, and of a service the last half
        double[] times =
        [
            .. Enumerable.Range(55, 10).SelectMany(m => Enumerable.Range(0, m % 2 == 0 ? 20 : 10)
                .Select(i => (60.0 * m) + (i == 0 ? 0 : i + 30))),
            3900,
        ];
        ServiceRows half = Rows([.. times.Where(t => t >= 3600)]);

        double? all = Dispersion.Of(Rows(times), Rows(times)).Single(d => d.ScaleS == 60).WithinHours;
        double? part = Dispersion.Of(half, Rows(times)).Single(d => d.ScaleS == 60).WithinHours;

        // Of minutes of 10, 20, 10, 20, 10 and 20, 10, 20, 10, 20 rows
        Assert.Equal(30.0 / 15, all!.Value, 1e-9);
        Assert.Equal(30.0 / 16, part!.Value, 1e-9);
    }

    [Fact]
    public void Conversations_are_told_by_their_turns_gaps_and_growth()
    {
        ServiceRows rows = new(
            "x", [0, 10, 30, 100, 200], [10, 5, 40, 30, 7], [1, 1, 1, 1, 1], [1, 0, 1, 1, 2]);
        Conversations c = Conversations.Of(rows)!;

        Assert.Equal((2, 4, 2.0), (c.Sessions, c.Rows, c.MeanTurns));
        Assert.Equal([0.5, 0, 0.5], c.TurnShares.Take(3));
        Assert.Equal(50, c.MeanGapS);
        Assert.Equal(
            (8.5, 35.0, 10.0, 0.5),
            (c.FirstPromptTokens, c.LaterPromptTokens, c.MeanGrowth, c.ShrinkingShare));
    }

    [Fact]
    public void A_zipf_distribution_is_found_again_and_fits()
    {
        var lengths = new ServingSim.Experiments.Workloads.Lengths.ZipfLengths(new(1.1, 1000));
        RandomStream stream = new RandomStreams(3).Stream("test");
        int[] drawn = [.. Enumerable.Range(0, 20_000).Select(i => DrawOf(lengths, stream.At(i)))];
        LengthFit fit = LengthFit.Of(drawn)!;

        Assert.Equal(1.1, fit.ZipfTheta, 0.02);
        Assert.InRange(fit.ZipfKs, 0, 0.01);
        Assert.True(fit.LognormalKs > 0.05);
    }

    [Fact]
    public void Two_humps_are_told_and_one_is_not()
    {
        Humps humps = Humps.Of([900, 500, 200, 100, 100, 300, 600, 300, 50])!;
        Assert.Equal((0, 3, 6), (humps.Highest, humps.Dip, humps.Second));
        Assert.Null(Humps.Of([900, 500, 400, 300, 290, 280, 100]));
    }

    private static int DrawOf(ServingSim.Experiments.Workloads.Lengths.ZipfLengths lengths, Draws draws) =>
        lengths.Draw(ref draws);

    private static ServiceRows Rows(double[] times) => new(
        "x", times, [.. times.Select(_ => 1)], [.. times.Select(_ => 1)], []);
}
