using ServingSim.Experiments;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Arrivals;

/// <summary>
/// The API traffic of two-services.yaml, 20 times slower again, against what is published of BurstGPT's.
/// </summary>
public sealed class ApiBurstsTests
{
    private const int Speed = 20;

    [Fact]
    public void Windows_of_five_minutes_vary_as_those_of_BurstGPT_3()
    {
        // The data's clock has whole seconds
        long[] seconds = Seconds(Options(1), 300_000);
        double[] variations =
        [
            .. seconds.GroupBy(s => s / 300).Where(w => w.Count() >= 3)
                .Select(w => Variation(w.Zip(w.Skip(1), (a, b) => (double)(b - a)))).Where(double.IsFinite).Order(),
        ];

        Assert.InRange(At(variations, 0.1), 0.67 * 0.9, 0.67 * 1.1);
        Assert.InRange(At(variations, 0.5), 1.50 * 0.85, 1.50 * 1.15);
        Assert.InRange(At(variations, 0.9), 5.22 * 0.9, 5.22 * 1.1);
        Assert.Equal(0.725, variations.Count(v => v > 1) / (double)variations.Length, 0.08);
        Assert.Equal(0.54, MeanRate(Options(1)), 0.01);
    }

    [Fact]
    public void Minutes_vary_as_those_of_BurstGPT_1()
    {
        // Jobs, and as independent arrivals what they leave of the mean rate
        double rest = 0.271 - MeanRate(Options(2));
        long[] jobs = Seconds(Options(2), 400_000);
        int minutes = (int)(jobs[^1] / 60);
        double[] counts = new double[minutes];
        foreach (long at in jobs.Concat(Whole(new PoissonArrivals(new(rest), new RandomStreams(2)), minutes * 17)))
        {
            if (at / 60 < minutes)
            {
                counts[at / 60]++;
            }
        }

        Assert.InRange(counts.Average() / 60, 0.25, 0.29);
        Assert.InRange(Variation(counts), 2.91 * 0.9, 2.91 * 1.1);
        double limit = counts.Average() * (1 + (2 * Variation(counts)));
        Assert.Equal(0.034, counts.Count(c => c > limit) / (double)minutes, 0.006);
    }

    private static OnOffOptions Options(int part)
    {
        LoadedScenario loaded = LoadedScenario.Read(
            Path.Combine(SharedData.Root, "configs", "scenarios", "two-services.yaml"), [], Catalog.Default);
        MixOptions mix = (MixOptions)loaded.Scenario.Workload.Source.Options!;
        OnOffOptions options = (OnOffOptions)mix.Parts[part].Arrivals!.Options!;
        return options with { BatchRatePerS = options.BatchRatePerS / Speed, OffMean = options.OffMean * Speed };
    }

    private static double MeanRate(OnOffOptions o) =>
        o.BatchRequests / (o.OffMean.TotalSeconds + ((o.BatchRequests - 1) / o.BatchRatePerS));

    private static long[] Seconds(OnOffOptions options, int count) =>
        Whole(new OnOffArrivals(options, new RandomStreams(1)), count);

    private static long[] Whole(IArrivals arrivals, int count) =>
        [.. Gaps.Arrivals(arrivals, count).Select(a => a.Ticks / SimTime.TicksPerSecond)];

    private static double At(double[] sorted, double probability) => sorted[(int)(probability * sorted.Length)];

    private static double Variation(IEnumerable<double> values)
    {
        double[] all = [.. values];
        double mean = all.Average();
        return Math.Sqrt(all.Average(v => (v - mean) * (v - mean))) / mean;
    }
}
