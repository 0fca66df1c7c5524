using ServingSim.Experiments;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Forecasting;
using ServingSim.Experiments.Replicating;
using ServingSim.Experiments.Reproducing.Demonstrations;
using ServingSim.Experiments.Scenarios;
using Xunit;

namespace ServingSim.Tests.Experiments.Reproducing.Demonstrations;

/// <summary>Small versions of the demonstrations, on rows made here.</summary>
public sealed class DemonstrationTests
{
    private static readonly ParallelRuns One = new(1, default);
    private static readonly ParallelRuns Four = new(4, default);

    [Fact]
    public void Bursts_of_the_same_mean_rate_need_more_kv_and_make_requests_wait()
    {
        KvCacheOptions options = new(File("kv-cache"), [0.326], Requests: 200, Replications: 4);

        KvCacheDemo demo = KvCacheDemo.Run(Bursts(), Read("kv-cache"), options, Four);

        Assert.Equal(KvCacheDemo.Gpus.Count * KvCacheDemo.Processes.Count, demo.Figures.Cases.Count);
        foreach (string gpu in KvCacheDemo.Gpus)
        {
            foreach (string figure in new[] { "kv_cache_usage_peak", "p99_ttft_ms", "most_requests_in_a_minute" })
            {
                IReadOnlyList<double?> bursts = demo.Figures.Values(figure, gpu, "0.326", KvCacheDemo.Trace);
                IReadOnlyList<double?> smooth = demo.Figures.Values(figure, gpu, "0.326", KvCacheDemo.Poisson);
                Assert.All(
                    bursts.Zip(smooth), pair => Assert.True(pair.First > pair.Second, $"{figure} on {gpu}: {pair}"));
            }
        }

        Assert.All(demo.Tracks, t => Assert.All(t.Usage, u => Assert.InRange(u, 0, 1)));
        Assert.Equal(KvCacheDemo.Gpus.Count * KvCacheDemo.Processes.Count, demo.Tracks.Count);
    }

    [Fact]
    public void All_arrivals_of_a_rate_take_equally_long_and_have_the_same_lengths()
    {
        KvCacheOptions options = new(File("kv-cache"), [2], Requests: 400, Replications: 2);
        List<(double Sum, double Prompts)> seen = [];
        Dictionary<string, double> variation = [];
        foreach (string process in KvCacheDemo.Processes)
        {
            RequestRow[] rows = KvCacheDemo.RowsOf(Bursts(), process, 0, 2, options, Read("kv-cache")([]), seed: 5);
            seen.Add((rows[^1].AtS, rows.Sum(r => (1000.0 * r.PromptTokens) + r.OutputTokens)));
            variation.Add(process, Stretches.Variation([.. rows.Zip(rows.Skip(1), (a, b) => b.AtS - a.AtS)]));
        }

        Assert.All(seen, s => Assert.Equal(200, s.Sum, 6));
        Assert.Single(seen.Select(s => s.Prompts).Distinct());
        Assert.Equal(1, variation[KvCacheDemo.Poisson], 0.15);
        Assert.Equal(Math.Sqrt(2), variation[KvCacheDemo.Gamma], 0.15);
        Assert.InRange(variation[KvCacheDemo.Trace], 5, 8);
    }

    [Fact]
    public void Shortest_first_helps_the_mean_and_longest_first_hurts_it_where_a_queue_stands()
    {
        ScheduledService[] services =
        [
            new("conversation", Rows(600, 3, prompts: [20, 2000], output: 200), 6),
            new("API", Rows(600, 4, prompts: [300, 310], output: 20), 40),
        ];

        PairedFigures figures = SchedulingDemo.Run(services, Read("scheduling"), 200, 3, Four).Figures;

        Assert.Equal(2 * SchedulingDemo.Policies.Count, figures.Cases.Count);
        Assert.True(Log("conversation", "shortest-first") < 0, $"{Log("conversation", "shortest-first")}");
        Assert.True(Log("conversation", "longest-first") > 0, $"{Log("conversation", "longest-first")}");
        // Prompts of nearly one length leave nothing to order by
        Assert.True(Math.Abs(Log("API", "longest-first")) < Log("conversation", "longest-first"));

        double Log(string service, string policy) =>
            figures.LogRatio("mean_ttft_ms", [service, policy], [service, SchedulingDemo.Fcfs])!.Value.Mean;
    }

    [Fact]
    public void The_searched_ratio_follows_the_load_and_is_worth_more_than_a_wrong_one()
    {
        DisaggregationOptions options =
            new(File("disaggregation"), Days: 2, RatePerS: 4, Speed: 1440, Windows: 3, BeamWidth: 2, SwitchS: 2);

        DisaggregationDemo demo =
            DisaggregationDemo.Run(TwoKindsOfHours(), 0, 2, Read("disaggregation"), options, Four);
        DisaggregationDemo alone =
            DisaggregationDemo.Run(TwoKindsOfHours(), 0, 2, Read("disaggregation"), options, One);

        Assert.Equal(DisaggregationDemo.Replicas + 2, demo.Figures.Cases.Count);
        foreach (string wrong in new[] { "7:1", "1:7" })
        {
            Assert.True(
                demo.Figures.Of("attainment", DisaggregationDemo.Searched)!.Value.Mean
                >= demo.Figures.Of("attainment", wrong)!.Value.Mean, wrong);
        }

        foreach (SearchedDay day in demo.Days)
        {
            Assert.All(day.Chosen, c => Assert.InRange(c, 1, DisaggregationDemo.Replicas - 1));
            Assert.All(day.Good.Zip(day.Requests), w => Assert.All(w.First, good => Assert.InRange(good, 0, w.Second)));
        }

        foreach (IReadOnlyList<string> of in demo.Figures.Cases)
        {
            Assert.Equal(demo.Figures.Values("p99_ttft_ms", of), alone.Figures.Values("p99_ttft_ms", of));
        }
    }

    [Fact]
    public void Copies_of_a_days_rows_come_at_other_instants_with_another_seed()
    {
        double[][] instants =
        [
            .. new[] { 1, 1, 2 }.Select(seed => ScaledDay.Of(
                    TwoKindsOfHours(), 0, 2, 1, ScaledDay.SeedOf(Read("disaggregation")([$"seed={seed}"]), 0))
                .Select(row => row.AtS).ToArray()),
        ];

        Assert.Equal(instants[0], instants[1]);
        Assert.NotEqual(instants[0], instants[2]);
    }

    [Fact]
    public void More_replicas_attain_more_and_cost_their_hours()
    {
        LoadSeries series = LoadSeries.Of(Day(), 600, 0, 5, DayOfWeek.Monday);
        LoadForecast forecast = LoadForecast.Of(series, ForecastTarget.Requests, 3 * series.BinsPerDay);
        ForecastOptions options =
            new(File("provisioning"), [1, 2], Days: 2, RatePerS: 0.05, RequestsPerReplicaPerS: 0.03);

        ProvisioningDemo demo = ProvisioningDemo.Run(
            Day(), forecast, series, Read("provisioning")([]), options, Four);

        Assert.Equal([3, 4], demo.Days);
        Assert.InRange(demo.Figures.Of("gpu_hours", ProvisioningDemo.Static, "2")!.Value.Mean, 47.9, 48.5);
        foreach (string way in LoadForecast.Methods.Append(ProvisioningDemo.Perfect))
        {
            Assert.True(Mean(way, "2.00", "gpu_hours") > Mean(way, "1.00", "gpu_hours"), way);
            Assert.True(Mean(way, "2.00", "attainment") >= Mean(way, "1.00", "attainment"), way);
        }

        IReadOnlyList<string>? cheapest = demo.Cheapest(ProvisioningDemo.Static, 0.5);
        Assert.NotNull(cheapest);
        Assert.True(Mean(cheapest[0], cheapest[1], "attainment") >= 0.5);
        Assert.Null(demo.Cheapest(ProvisioningDemo.Static, 1.1));

        double Mean(string way, string setting, string figure) => demo.Figures.Of(figure, way, setting)!.Value.Mean;
    }

    [Fact]
    public void Every_way_of_provisioning_follows_its_own_forecast()
    {
        LoadSeries series = LoadSeries.Of(Day(), 600, 0, 5, DayOfWeek.Monday);
        LoadForecast made = LoadForecast.Of(series, ForecastTarget.Requests, 3 * series.BinsPerDay);
        double[] nothing = new double[series.Count - made.FirstTested];
        LoadForecast forecast = made with
        {
            Forecasts = new Dictionary<string, IReadOnlyList<double>>
            {
                [LoadForecast.Trees] = nothing,
                [LoadForecast.Persistence] = [.. nothing.Select(_ => 2.0)],
                [LoadForecast.Seasonal] = [.. series.Requests.Skip(made.FirstTested)],
            },
        };
        ForecastOptions options =
            new(File("provisioning"), [1], Days: 2, RatePerS: 0.05, RequestsPerReplicaPerS: 0.03);

        PairedFigures figures = ProvisioningDemo.Run(
            Day(), forecast, series, Read("provisioning")([]), options, Four).Figures;

        // 11 clients a row: a replica serves 0.03 · 600 / 11 = 1.6 rows a bin, so that 2 rows need two
        Assert.Equal(Hours(ProvisioningDemo.Static, "1"), Hours(LoadForecast.Trees, "1.00"));
        Assert.Equal(Hours(ProvisioningDemo.Static, "2"), Hours(LoadForecast.Persistence, "1.00"));
        Assert.Equal(Hours(ProvisioningDemo.Perfect, "1.00"), Hours(LoadForecast.Seasonal, "1.00"));
        Assert.NotEqual(Hours(ProvisioningDemo.Perfect, "1.00"), Hours(LoadForecast.Trees, "1.00"));

        IReadOnlyList<double?> Hours(string way, string setting) => figures.Values("gpu_hours", way, setting);
    }

    private static FilePath File(string name) => new(Scenario(name), name);

    private static string Scenario(string name) => Path.Combine(
        SharedData.Root, "configs", "reproductions", "burstgpt", "scenarios", name + ".yaml");

    private static Func<IReadOnlyList<string>, LoadedScenario> Read(string name) =>
        settings => LoadedScenario.Read(Scenario(name), settings, Catalog.Default);

    /// <summary>Forty rows at once, then nothing for two minutes: 0.3 a second on average.</summary>
    private static ServiceRows Bursts() => Made(800, i => (i / 40 * 132.0) + (i % 40 * 0.05), i => 400, i => 300);

    private static ServiceRows Rows(int count, int perSecond, int[] prompts, int output) => Made(
        count, i => i / perSecond, i => prompts[i * 7919 % 13 % prompts.Length], _ => output);

    /// <summary>Two days of long prompts in the morning and long answers in the evening.</summary>
    private static ServiceRows TwoKindsOfHours() => Made(
        480, i => i * 360.0, i => i / 120 % 2 == 0 ? 1500 : 50, i => i / 120 % 2 == 0 ? 10 : 300);

    /// <summary>Five days with most rows about noon.</summary>
    private static ServiceRows Day() => Made(
        5 * 400, i => (i / 400 * 86_400.0) + (43_200 * (1 + Math.Cbrt((i % 400 / 200.0) - 1))), _ => 500, _ => 200);

    private static ServiceRows Made(int count, Func<int, double> at, Func<int, int> prompt, Func<int, int> output)
    {
        int[] all = [.. Enumerable.Range(0, count)];
        return new ServiceRows(
            "made", [.. all.Select(at)], [.. all.Select(prompt)], [.. all.Select(output)], []);
    }
}
