using ServingSim.Experiments;
using ServingSim.Experiments.Describing;
using ServingSim.Experiments.Distances;
using ServingSim.Kernel;
using ServingSim.Tests.Cli;
using Xunit;

namespace ServingSim.Tests.Experiments.Distances;

/// <summary>Distances of workloads, and whether a fitted model is as near as real days are to one another.</summary>
public sealed class DistanceTests : IDisposable
{
    private const string FirstWeek = "burstgpt/BurstGPT_first7days.csv";

    private readonly CommandRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void The_statistic_is_the_greatest_difference_of_the_distribution_functions()
    {
        Assert.Equal(0, WorkloadDistance.KolmogorovSmirnov([1, 2, 3], [1, 2, 3]));
        Assert.Equal(1, WorkloadDistance.KolmogorovSmirnov([1, 2], [3, 4, 5]));
        Assert.Equal(0.5, WorkloadDistance.KolmogorovSmirnov([1, 1, 2, 2], [2, 2])!.Value, 12);
        Assert.Equal(0.25, WorkloadDistance.KolmogorovSmirnov([1, 2, 3, 4], [2, 3, 4, 5])!.Value, 12);
        Assert.Null(WorkloadDistance.KolmogorovSmirnov([], [1]));
    }

    [Fact]
    public void A_workload_is_at_no_distance_from_itself_and_near_another_draw()
    {
        ServiceRows a = Poisson(1, 0.5, 20_000, correlated: true);
        Assert.Equal(0, WorkloadDistance.Of(a, a).Mean);
        WorkloadDistance near = WorkloadDistance.Of(a, Poisson(2, 0.5, 20_000, correlated: true));
        Assert.All(
            near.Measures.Where(m => m.Name is not ("windows' variation" or "autocorrelation")),
            m => Assert.InRange(m.Distance ?? 0, 0, 0.02));
        Assert.Null(near["turns of sessions"].Distance);
    }

    [Fact]
    public void Each_measure_sees_what_it_is_for()
    {
        ServiceRows a = Poisson(1, 0.5, 20_000, correlated: true);

        // The same lengths each, no longer together
        WorkloadDistance joint = WorkloadDistance.Of(a, Poisson(1, 0.5, 20_000, correlated: false));
        Assert.InRange(joint["prompt tokens"].Distance!.Value, 0, 0.02);
        Assert.InRange(joint["output tokens"].Distance!.Value, 0, 0.02);
        Assert.InRange(joint["joint lengths"].Distance!.Value, 0.2, 0.3);

        // Twice the rate: gaps differ, their shape does not. Of exponentials the distance is 1/2 - 1/4
        WorkloadDistance rate = WorkloadDistance.Of(a, Poisson(2, 1, 40_000, correlated: true));
        Assert.Equal(0.25, rate["inter-arrivals"].Distance!.Value, 0.02);
        Assert.InRange(rate["shape of gaps"].Distance!.Value, 0, 0.02);

        // Every second row fails; and two rows a session against four
        ServiceRows failing = new(
            "x", a.Times, a.Prompts, [.. a.Outputs.Select((o, i) => i % 2 == 0 ? 0 : o)], Pairs(2));
        WorkloadDistance other = WorkloadDistance.Of(failing, new("y", a.Times, a.Prompts, a.Outputs, Pairs(4)));
        Assert.Equal(0.5, other["failures"].Distance!.Value, 6);
        DistanceMeasure turns = other["turns of sessions"];
        Assert.Equal((1, 2.0, 4.0), (turns.Distance, turns.A, turns.B));

        int[] Pairs(int length) => [.. Enumerable.Range(0, a.Count).Select(i => 1 + (i / length))];
    }

    [Fact]
    public void Autocorrelations_of_a_wave_are_seen()
    {
        double[] wave =
        [
            .. Enumerable.Range(0, 400).SelectMany(w => Enumerable.Range(0, w % 24 < 12 ? 20 : 2)
                .Select(i => (w * 300.0) + (i * 10))),
        ];
        double[] found = WorkloadDistance.Autocorrelations(wave);
        Assert.InRange(found[0], 0.8, 0.87);
        Assert.InRange(found[11], -1, -0.95);
        Assert.Empty(WorkloadDistance.Autocorrelations([1, 2, 3]));
    }

    [SharedDataFact(FirstWeek)]
    public void A_fitted_model_is_as_near_to_a_held_back_day_as_real_days_are_to_one_another()
    {
        IReadOnlyList<HeldBackDays> services = HeldBackDays.Of(
            SharedData.Find(FirstWeek)!, 512, Catalog.Default, CancellationToken.None);
        Assert.Equal(
            ["ChatGPT, Conversation log", "GPT-4, Conversation log"], services.Select(s => s.Service));
        Assert.All(services, s =>
        {
            Assert.Equal([0, 1, 2, 5, 6], s.Days);
            Assert.Equal(10, s.Between[HeldBackDays.Mean].Count);
            double limit = Limit(s, HeldBackDays.Mean);
            Assert.InRange(Far(s, 0, HeldBackDays.Mean), 0, limit);

            // A measure at a time too, but for the shape of gaps, which nothing but chance separates on real days
            Assert.All(
                s.Between.Keys.Where(m => m != "shape of gaps"), m => Assert.InRange(Far(s, 0, m), 0, Limit(s, m)));
            Assert.InRange(Far(s, 0, "shape of gaps"), 0, 1.1 * Limit(s, "shape of gaps"));

            // A steady Poisson process misses the day's wave; the demonstration's shape misses the gaps as well
            Assert.True(Far(s, 1, HeldBackDays.Mean) > 1.15 * limit);
            Assert.True(Far(s, 2, HeldBackDays.Mean) > 1.5 * limit);
            Assert.True(Far(s, 2, "shape of gaps") > 3 * Limit(s, "shape of gaps"));
            Assert.True(Far(s, 1, "autocorrelation") > 2 * Limit(s, "autocorrelation"));
        });

        static double Far(HeldBackDays s, int model, string measure) => s.Made[model].Distances[measure].Average();

        static double Limit(HeldBackDays s, string measure) =>
            Modelling.GeneratedDays.Quantile(s.Between[measure], 0.95);
    }

    [Fact]
    public void The_command_compares_and_replays()
    {
        string[] traces = [CommandRun.Trace("sample-burstgpt.csv"), CommandRun.Trace("sample-azure-code.csv")];
        Assert.Equal((0, ""), (_cli.Run(["workload", "compare", .. traces, "--out", _cli.In("o")]), _cli.Error));
        Assert.All(_cli.Output.Split('\n'), l => Assert.True(l.Length <= 105 + SharedData.Root.Length, l));
        Assert.Contains(" p99_ttft_ms ", _cli.Output);
        Assert.Equal(["distances.csv", "distances.png", "replayed.csv"], _cli.FilesOf("o"));
        Assert.Equal(0, _cli.Run(["workload", "compare", .. traces, "--no-replay", "--out", _cli.In("o")]));
        Assert.DoesNotContain("ttft", _cli.Output);
        Assert.Equal(["distances.csv", "distances.png"], _cli.FilesOf("o"));

        // The same trace twice differs in nothing, also on another cluster and at another speed
        Assert.Equal(0, _cli.Run(
            "workload", "compare", traces[0], traces[0], "--time-scale", "500", "--cluster",
            CommandRun.Scenario("quickstart")));
        Assert.Contains("times divided by 500", _cli.Output);
        Assert.DoesNotMatch(@"[1-9]\S* %", _cli.Output);
    }

    [Fact]
    public void What_is_wrong_is_told()
    {
        string trace = CommandRun.Trace("sample-burstgpt.csv");
        Assert.Equal(2, _cli.Run("workload", "compare", trace, _cli.File("t.csv", "a,b\n")));
        Assert.StartsWith("t.csv: is no trace of a known format", _cli.Error);
        Assert.Equal(2, _cli.Run("workload", "compare", CommandRun.Trace("sample-azure-code.csv")));
        Assert.EndsWith("no service has 3 whole workdays with rows enough to hold one back\n", _cli.Error);
        Assert.Equal(2, _cli.Run("workload", "compare", trace, trace, "--time-scale", "x"));
        Assert.StartsWith("--time-scale: found 'x', expected a number from 1e-6 to 1e6", _cli.Error);
        Assert.Equal(2, _cli.Run("workload", "compare", trace, trace, "--cluster", _cli.In("no.yaml")));
        Assert.Contains("no.yaml", _cli.Error);
    }

    private static ServiceRows Poisson(long seed, double rate, int count, bool correlated)
    {
        RandomStream stream = new RandomStreams(seed).Stream("test");
        double[] times = new double[count];
        int[] prompts = new int[count];
        int[] outputs = new int[count];
        double at = 0;
        for (int i = 0; i < count; i++)
        {
            Draws draws = stream.At(i);
            at += draws.NextExponential() / rate;
            int prompt = 1 + draws.NextIndex(1000);
            int other = 1 + draws.NextIndex(1000);
            (times[i], prompts[i], outputs[i]) = (at, prompt, correlated ? prompt : other);
        }

        return new ServiceRows("x", times, prompts, outputs, []);
    }
}
