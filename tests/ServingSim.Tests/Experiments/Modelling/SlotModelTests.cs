using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Modelling;
using ServingSim.Experiments.Workloads.Arrivals;
using Xunit;

namespace ServingSim.Tests.Experiments.Modelling;

/// <summary>What a fit takes for chance between days.</summary>
public sealed class SlotModelTests
{
    private const double SecondsPerDay = 86_400;

    [Fact]
    public void Two_days_around_their_own_mean_have_one_degree_of_freedom()
    {
        // 1.2 and 0.8 of their mean: the sample's variance is (0.2² + 0.2²) / (2 - 1), not half of it
        const double Variance = 0.08;
        int[] counts = [8640, 5760];
        double[] times =
        [
            .. counts.SelectMany((count, day) => Enumerable.Range(0, count)
                .Select(i => (day + ((i + 0.5) / count)) * SecondsPerDay)),
        ];
        HourlyLoad load = new(
            0, DayOfWeek.Monday,
            [.. Enumerable.Range(0, 48).Select(h => new HourLoad(counts[h / 24] / 24, 0, 0, 0))]);

        WaveOptions waves = SlotModel.Of(times, load).Waves!;

        Assert.Equal(Math.Sqrt(Math.Log(1 + Variance)), waves.DaySigma, 0.002);
        // Within a day rows came evenly
        Assert.Equal((0, 0), (waves.HourSigma, waves.SlotSigma));
    }
}
