using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Arrivals;

/// <summary><c>gamma-slots</c> and <c>batches</c>: rates that follow the day, the week, chance and regimes.</summary>
public sealed class WaveArrivalsTests
{
    private static readonly SimTime Hour = SimTime.FromSeconds(3600);

    [Fact]
    public void One_slot_of_shape_and_rate_is_the_gamma_process()
    {
        GammaSlotsOptions slots = new([0.5], [1]);
        Assert.All(
            Gaps.Arrivals(new SlotArrivals(slots, new RandomStreams(3)), 200)
                .Zip(Gaps.Arrivals(new GammaArrivals(new GammaOptions(2, 0.5), new RandomStreams(3)), 200)),
            pair => Assert.Equal(pair.Second.TotalSeconds, pair.First.TotalSeconds, 1e-6));
    }

    [Fact]
    public void Each_slot_has_its_rate_and_weekends_have_their_own()
    {
        // Days of one slot a quarter; a run begins on a Friday
        GammaSlotsOptions options = new(
            [1, 1, 1, 2], [0.1, 0, 0.2, 0.8], WeekendBetasPerS: [0, 0, 0.05, 0], FirstDay: Weekday.Friday);
        int[] quarters = Gaps.Counts(new SlotArrivals(options, new RandomStreams(5)), Hour * 6, 4 * 14);

        for (int day = 0; day < 14; day++)
        {
            bool isWeekend = day % 7 is 1 or 2;
            double[] rates = isWeekend ? [0, 0, 0.05, 0] : [0.1, 0, 0.2, 0.4];
            Assert.All(
                rates.Zip(quarters[(4 * day)..]),
                q => Assert.InRange(q.Second, (q.First * 21_600 * 0.9) - 100, (q.First * 21_600 * 1.1) + 100));
            Assert.Equal(0, quarters[(4 * day) + 1]);
        }
    }

    [Fact]
    public void Regimes_multiply_rates_from_their_times_on()
    {
        GammaSlotsOptions options = new([1], [0.5], Waves: new WaveOptions(Regimes:
            [new(Hour * 10, 0), new(Hour * 20, 3)]));
        int[] spans = Gaps.Counts(new SlotArrivals(options, new RandomStreams(5)), Hour * 10, 3);
        Assert.InRange(spans[0], 17_400, 18_600);
        Assert.Equal(0, spans[1]);
        Assert.InRange(spans[2], 52_500, 55_500);
    }

    [Fact]
    public void Chance_keeps_the_mean_and_spreads_days_as_it_says()
    {
        GammaSlotsOptions options = new([1], [0.2], Waves: new WaveOptions(DaySigma: 0.5));
        int[] days = Gaps.Counts(new SlotArrivals(options, new RandomStreams(5)), Hour * 24, 300);
        double[] logs = [.. days.Select(d => Math.Log(d))];
        double mean = logs.Average();

        Assert.InRange(days.Average(), 17_280 * 0.93, 17_280 * 1.07);
        Assert.Equal(0.5, Math.Sqrt(logs.Average(l => (l - mean) * (l - mean))), 0.05);
    }

    [Fact]
    public void Batches_without_waves_are_on_off_and_follow_the_hours_with_them()
    {
        OnOffOptions inner = new(5, 2, SimTime.FromSeconds(30));
        BatchesOptions options = new(5, 2, SimTime.FromSeconds(30));
        Assert.All(
            Gaps.Arrivals(new BatchArrivals(options, new RandomStreams(3)), 200)
                .Zip(Gaps.Arrivals(new OnOffArrivals(inner, new RandomStreams(3)), 200)),
            pair => Assert.Equal(pair.Second.TotalSeconds, pair.First.TotalSeconds, 1e-6));

        double[] hours = [.. Enumerable.Range(0, 24).Select(h => h % 2 == 0 ? 2.0 : 0)];
        int[] counts = Gaps.Counts(new BatchArrivals(options with { HourFactors = hours }, new(3)), Hour, 48);
        Assert.All(counts.Index(), c => Assert.Equal(c.Index % 2 == 1, c.Item == 0));
    }

    [Fact]
    public void What_cannot_be_is_told()
    {
        Assert.Equal("Alphas", Assert.Single(new GammaSlotsOptions([1, 1, 1, 1, 1, 1, 1], [1]).Problems()).Parameter);
        Assert.Equal("BetasPerS", Assert.Single(new GammaSlotsOptions([1], [0]).Problems()).Parameter);
        Assert.Equal(
            "Regimes", Assert.Single(new WaveOptions(Regimes: [new(Hour, 1), new(Hour, 1)]).Problems()).Parameter);
        Assert.Equal("HourSigma", Assert.Single(new WaveOptions(HourSigma: -1).Problems()).Parameter);
        Assert.Equal(
            "HourFactors", Assert.Single(new BatchesOptions(1, 1, Hour, HourFactors: [1]).Problems()).Parameter);
    }
}
