using ServingSim.Experiments;
using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Scenarios;
using ServingSim.Report;
using ServingSim.Tests.Experiments.Replicating;
using Xunit;

namespace ServingSim.Tests.Experiments.Planning;

public sealed class GoodputSearchTests
{
    private static readonly ParallelRuns Parallel = new(4, default);

    /// <summary>
    /// M/D/1 with a service of D = 100 ms and a limit of 300 ms: within it are those that wait at most 2 D, whose share
    /// Erlang's formula tells. The lower end of an interval is asked for, so the answer lies a little below the theory.
    /// </summary>
    [Theory]
    [InlineData(0.9)]
    [InlineData(0.7)]
    public void The_max_goodput_of_M_D_1_is_that_of_theory(double target)
    {
        double load = LoadWith(target);
        LoadedScenario scenario = Sample.ConstantService(0.5, 6000, "slo.ttft_ms=300", "replications.count=5");
        Goodput goodput = GoodputSearch.Run(scenario, target, 0.01, Catalog.Default, Parallel);
        Assert.InRange(0.5 * goodput.Factor!.Value, load * 0.93, load * 1.01);
        Assert.All(goodput.Points, p => Assert.Equal(p.Meets, p.Low >= target));
        Assert.Empty(goodput.Rises);
        Assert.Equal(goodput.Points.OrderBy(p => p.Factor), goodput.Points);

        // The curve itself is that of theory, at every rate with a stationary queue
        GoodputPoint[] stable = [.. goodput.Points.Where(p => p.Factor * 0.5 < 0.85)];
        Assert.NotEmpty(stable);
        Assert.All(stable, p => Assert.Equal(ShareWithin(p.Factor * 0.5), p.Attainment!.Value.Mean, 0.02));
        string table = GoodputTable.Text(goodput);
        Assert.Contains("Max goodput: ", table);
        Assert.All(table.Split('\n'), line => Assert.True(line.Length <= 100, line));
        using MemoryStream picture = new();
        new GoodputPicture(goodput).WriteSvg(picture);
        Assert.Contains("within the SLO (%)", System.Text.Encoding.UTF8.GetString(picture.ToArray()));
    }

    [Fact]
    public void Beyond_the_capacity_the_queue_is_told_to_grow()
    {
        LoadedScenario scenario = Sample.ConstantService(
            0.9, 3000, "slo.ttft_ms=2000", "replications.count=3", "outputs.timeseries_interval=1s");
        Goodput goodput = GoodputSearch.Run(scenario, 0.9, 0.05, Catalog.Default, Parallel);
        Assert.All(
            goodput.Points.Where(p => Math.Abs((p.Factor * 0.9) - 1) > 0.05),
            p => Assert.Equal(p.Factor * 0.9 > 1, p.Trend is not null));
    }

    /// <summary>A run of ten seconds has no request any more at a thousandth of 5 per second.</summary>
    [Fact]
    public void A_limit_that_nobody_meets_is_told_of_short_runs_too()
    {
        LoadedScenario scenario = Sample.ConstantService(
            0.5, 50, "slo.ttft_ms=99", "replications.count=2", "requests=~", "duration=30s");
        Goodput goodput = GoodputSearch.Run(scenario, 0.9, 0.05, Catalog.Default, Parallel);
        Assert.Null(goodput.Factor);
        Assert.All(goodput.Points, p => Assert.True(p.RatePerS * 30 >= 20));
    }

    /// <summary>Nobody can be within a limit that is less than the service.</summary>
    [Fact]
    public void A_limit_that_nobody_meets_is_told()
    {
        LoadedScenario scenario = Sample.ConstantService(0.5, 50, "slo.ttft_ms=99", "replications.count=2");
        Goodput goodput = GoodputSearch.Run(scenario, 0.9, 0.05, Catalog.Default, Parallel);
        Assert.Null(goodput.Factor);
        Assert.Contains("No rate has 90.0 % of the requests within their SLO", GoodputTable.Text(goodput));
    }

    [Fact]
    public void Rates_of_which_the_higher_does_better_are_told()
    {
        Goodput goodput = new(Sample.ConstantService(0.5, 50, "slo.ttft_ms=99"), 0.9, 0.01, 1, false,
        [
            Point(1, true), Point(2, false), Point(3, true), Point(4, false),
        ])
        {
            Runs = 0,
        };
        Assert.Equal((2, 3), Assert.Single(goodput.Rises) is var (low, high) ? (low.Factor, high.Factor) : default);
        Assert.Contains("not monotone: with 3.00 requests/s more", GoodputTable.Text(goodput));
    }

    [Theory]
    [InlineData("slo: missing", "slo={}")]
    [InlineData("replications.until", "replications={count: 2, until: {metric: attainment, relative_half_width: 0.1}}")]
    [InlineData("replications.warmup", "replications={count: 2, warmup: mser5}")]
    [InlineData("replications.confidence", "replications={count: 2, confidence: 0.4}")]
    [InlineData(
        "has no arrival rate", "workload={source: {name: closed-loop, concurrency: 2}, "
        + "prompt_tokens: {name: constant, tokens: 9}, output_tokens: {name: constant, tokens: 1}}")]
    public void What_cannot_be_searched_is_told(string message, string setting)
    {
        LoadedScenario scenario = Sample.ConstantService(0.5, 50, "slo.ttft_ms=300", setting);
        Assert.Contains(message, Assert.Throws<ScenarioException>(
            () => GoodputSearch.Run(scenario, 0.9, 0.05, Catalog.Default, Parallel)).Message);
    }

    private static GoodputPoint Point(double factor, bool meets) => new(
        factor, factor, [], new Estimate(2, meets ? 1 : 0, 0), meets, null);

    /// <summary>The load at which this share waits at most two services.</summary>
    private static double LoadWith(double share)
    {
        (double low, double high) = (0, 1);
        while (high - low > 1e-9)
        {
            double middle = (low + high) / 2;
            (low, high) = ShareWithin(middle) > share ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>P(W ≤ 2 D) of M/D/1: (1 − ρ) Σ (−ρ(2 − j))^j / j! · exp(ρ(2 − j)), j = 0, 1, 2 (Erlang 1909).</summary>
    private static double ShareWithin(double load) =>
        (1 - load) * (Math.Exp(2 * load) - (load * Math.Exp(load)));
}
