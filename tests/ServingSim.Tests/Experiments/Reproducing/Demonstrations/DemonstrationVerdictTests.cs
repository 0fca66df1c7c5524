using ServingSim.Experiments.Reproducing;
using ServingSim.Experiments.Reproducing.Demonstrations;
using Xunit;

namespace ServingSim.Tests.Experiments.Reproducing.Demonstrations;

/// <summary>What the demonstrations conclude of figures made here.</summary>
public sealed class DemonstrationVerdictTests
{
    private static readonly string[] Claims = ["preemptions", "failed", "p99_ttft_ms", "p99_e2el_ms"];

    [Fact]
    public void Claims_on_kv_have_to_hold_on_all_gpus_at_the_lowest_rate()
    {
        (string a, string b) = (KvCacheDemo.Gpus[0], KvCacheDemo.Gpus[1]);

        Verdict both = KvCacheReproduction.Judge(Bursty((a, "1"), (b, "1")));
        Assert.Equal(VerdictKind.Reproduced, both.Kind);
        Assert.Contains("hold on every GPU", both.Reason);

        Verdict one = KvCacheReproduction.Judge(Bursty((b, "1"), (a, "2"), (b, "2")));
        Assert.Equal(VerdictKind.Differs, one.Kind);
        Assert.Contains($"At the lowest rate, 1 requests/s, all four claims hold on {b} only.", one.Reason);
        Assert.Contains($"{a} at 1/s: none; {b} at 1/s: all four; {a} at 2/s: all four", one.Reason);

        Verdict later = KvCacheReproduction.Judge(Bursty((a, "2"), (b, "2")));
        Assert.Equal(VerdictKind.Differs, later.Kind);
        Assert.Contains("hold on no GPU", later.Reason);
    }

    [Fact]
    public void Why_claims_on_kv_do_not_hold_is_told_by_whether_the_cache_fills()
    {
        string gpu = KvCacheDemo.Gpus[0];

        // Of four runs none, one, three fill the cache under bursts; then smooth arrivals fill it as often
        Assert.Equal(
            $"{gpu} at 1/s: KV usage peaks at 40 ± 0 % (Poisson: 20 ± 0 %) and goes beyond 90 % in 0 of 4 runs: the "
            + "cache is never full, and where KV is not scarce a smoother process has little to gain.",
            Why([0.4, 0.4, 0.4, 0.4], [0.2, 0.2, 0.2, 0.2], [0, 0, 0, 0]));
        Assert.EndsWith(
            "in 1 of 4 runs: the cache is seldom full, and where KV is not scarce a smoother process has little to "
            + "gain. The one run in which it fills has 7 of all 8 preemptions: too few runs to be sure of it.",
            Why([0.4, 1, 0.4, 0.4], [0.2, 0.2, 0.2, 0.2], [1, 7, 0, 0]));
        Assert.Equal(
            $"{gpu} at 1/s: the cache fills (beyond 90 % in 3 of 4 runs), but more preemptions: 2 of 4 runs show it, "
            + "one of them with 90 % of the sum: stretches differ too much for so few to tell.",
            Why([1, 1, 0.4, 1], [0.2, 0.2, 0.2, 0.2], [1, 9, 0, -1]));
        Assert.Contains(
            "the cache fills under Poisson's arrivals too, beyond 90 % in 3 of 4 runs, so that smooth arrivals do not",
            Why([1, 1, 0.4, 1], [1, 1, 0.2, 1], [1, 9, 0, 0]));

        string Why(double[] peaks, double[] smoothPeaks, double[] extraPreemptions)
        {
            PairedFigures figures = new("gpu", "rate_per_s", "process");
            foreach ((double peak, double smooth, double extra) in peaks.Zip(smoothPeaks, extraPreemptions))
            {
                figures.Add("kv_cache_usage_peak", peak, gpu, "1", KvCacheDemo.Trace);
                figures.Add("kv_cache_usage_mean", peak / 2, gpu, "1", KvCacheDemo.Trace);
                figures.Add("preemptions", extra, gpu, "1", KvCacheDemo.Trace);
                figures.Add("kv_cache_usage_peak", smooth, gpu, "1", KvCacheDemo.Poisson);
                figures.Add("kv_cache_usage_mean", smooth / 2, gpu, "1", KvCacheDemo.Poisson);
                figures.Add("preemptions", 0, gpu, "1", KvCacheDemo.Poisson);
            }

            return new KvCacheReasons(figures).Why(gpu, "1", [("more preemptions", "preemptions")]);
        }
    }

    [Fact]
    public void Why_a_searched_ratio_gains_nothing_is_told_by_its_own_table_and_the_day()
    {
        // The table promises 10 of 100 requests; the day keeps none of them, and the fixed ratio loses nothing
        Assert.EndsWith(
            "Why: 1:7 is as good as any ratio, to 1 % of the requests, in 2 of 4 windows taken alone, so that the load "
            + "of a window often changes which ratio is best. By these windows what the search chose has 10 ± 0 points "
            + "more; when the day is one simulation 0 ± 0 are left. From the one to the other 1:7 loses 0.0 points, "
            + "the searched ratio 10.0: 2.0 replicas a day change their roles, each only when it has finished what it "
            + "had, and what waits is carried into windows that the search thought of as empty.",
            Of([[40, 0, 30], [30, 0, 40]], [1, 3], 0.7, 0.7));
        // No ratio is ever better than the fixed one
        Assert.EndsWith(
            "in 4 of 4 windows taken alone, so that the load of a window seldom changes which ratio is best. By these "
            + "windows what the search chose has 0 ± 0 points more, too few to be seen over days that differ by ± 0.0.",
            Of([[40, 0, 30], [40, 0, 30]], [1, 1], 0.8, 0.8));
        // What wins needs no excuse
        Assert.DoesNotContain("Why", Of([[40, 0, 30], [30, 0, 40]], [1, 3], 0.9, 0.7));

        static string Of(double[][] good, int[] chosen, double searched, double best)
        {
            SearchedDay day = new([50, 50], good, chosen);
            return DisaggregationReproduction.Judge(new DisaggregationDemo(Ratios(searched, best), [day, day])).Reason;
        }
    }

    [Fact]
    public void A_cluster_on_which_no_ratio_serves_a_quarter_of_the_requests_is_called_overloaded()
    {
        Assert.Null(Overload(46, 45));
        Assert.StartsWith(
            "The cluster is overloaded: in 1 of 2 windows, with 50 % of the requests, no ratio has 90 % of them",
            Overload(46, 44));

        static string? Overload(double first, double second) => new DisaggregationReasons(new DisaggregationDemo(
            new PairedFigures("ratio"),
            [new SearchedDay([50, 50, 0], [[first, 9], [second, 9], [0, 0]], [1, 1, 1])])).Overload();
    }

    [Theory]
    [InlineData(0.7, VerdictKind.Differs)] // t = 2.7: beyond 95 % of one comparison, not of eight
    [InlineData(1.2, VerdictKind.Reproduced)] // t = 4.6
    public void One_of_many_interactions_has_to_be_beyond_noise_of_all(double mean, VerdictKind expected)
    {
        const int Runs = 16;
        PairedFigures figures = new("service", "policy");
        foreach (string service in new[] { "conversation", "API" })
        {
            foreach (string policy in SchedulingDemo.Policies)
            {
                foreach (string figure in SchedulingDemo.Latencies)
                {
                    bool isShifted = service == "API" && policy == SchedulingDemo.Policies[1]
                        && figure == SchedulingDemo.Latencies[0];
                    for (int run = 0; run < Runs; run++)
                    {
                        double log = isShifted ? 0.01 * (mean + (run % 2 == 0 ? 1 : -1)) : 0;
                        figures.Add(figure, 100 * Math.Exp(log), service, policy);
                    }
                }
            }
        }

        Assert.Equal(expected, SchedulingReproduction.Judge(figures).Kind);
    }

    [Theory]
    [InlineData(
        0.9, 0.95, VerdictKind.Reproduced, "is better than 1:7, 2:6, 3:5, 4:4, 5:3, 6:2, 7:1, worse than 8 mixed")]
    [InlineData(0.7, 0.7, VerdictKind.Differs, "is better than no other (95 %). Against the best fixed one, 1:7")]
    public void A_searched_ratio_is_judged_by_the_best_fixed_one_and_what_beats_it_is_told(
        double searched, double mixed, VerdictKind expected, string told)
    {
        PairedFigures figures = new("ratio");
        foreach (double noise in new[] { 0, 0.01, 0.02 })
        {
            figures.Add("attainment", searched + noise, DisaggregationDemo.Searched);
            figures.Add("attainment", searched + noise, DisaggregationDemo.DayBefore);
            figures.Add("attainment", mixed + (1.1 * noise), DisaggregationDemo.Mixed);
            for (int prefill = 1; prefill < DisaggregationDemo.Replicas; prefill++)
            {
                figures.Add("attainment", 0.7 + (0.9 * noise), DisaggregationDemo.NameOf(prefill));
            }
        }

        SearchedDay day = new([10], [[7, 7, 7, 7, 7, 7, 7]], [1]);
        Verdict verdict = DisaggregationReproduction.Judge(new DisaggregationDemo(figures, [day, day, day]));
        Assert.Equal(expected, verdict.Kind);
        Assert.Contains(told, verdict.Reason);
    }

    [Theory]
    [InlineData(0, new[] { 1, 3, 1 })]
    [InlineData(5, new[] { 1, 1, 1 })]
    public void A_ratio_changes_only_where_that_pays_for_the_change(double switchS, int[] expected)
    {
        // Windows of 10 s with 80 requests: a change by 2 replicas for 5 s costs 2 · 5/10/8 · 80 = 10 requests
        DisaggregationOptions options = new(new("none", "none"), SwitchS: switchS);
        double[][] good = [[70, 60, 60], [60, 60, 64], [70, 60, 60]];

        Assert.Equal(expected, DisaggregationDemo.Choose(good, [80, 80, 80], 10, options));
    }

    /// <summary>Two days of the same figures: of the searched ratio, of 1:7, and of all other ways 0.</summary>
    private static PairedFigures Ratios(double searched, double best)
    {
        PairedFigures figures = new("ratio");
        string[] others =
        [
            .. Enumerable.Range(2, DisaggregationDemo.Replicas - 2).Select(DisaggregationDemo.NameOf),
            DisaggregationDemo.Mixed, DisaggregationDemo.DayBefore,
        ];
        foreach (int _ in new[] { 0, 1 })
        {
            figures.Add("attainment", searched, DisaggregationDemo.Searched);
            figures.Add("attainment", best, DisaggregationDemo.NameOf(1));
            foreach (string other in others)
            {
                figures.Add("attainment", 0, other);
            }
        }

        return figures;
    }

    /// <summary>Figures in which bursts cost on some GPUs and rates, and nothing elsewhere.</summary>
    private static PairedFigures Bursty(params (string Gpu, string Rate)[] where)
    {
        PairedFigures figures = new("gpu", "rate_per_s", "process");
        foreach (string rate in new[] { "1", "2" })
        {
            foreach (string gpu in KvCacheDemo.Gpus)
            {
                foreach (string process in KvCacheDemo.Processes)
                {
                    double more = process == KvCacheDemo.Trace && where.Contains((gpu, rate)) ? 50 : 0;
                    foreach (int _ in new[] { 0, 1, 2 })
                    {
                        figures.Add("kv_cache_usage_peak", more > 0 ? 1 : 0.5, gpu, rate, process);
                    }

                    foreach (string figure in Claims)
                    {
                        figures.Add(figure, 10 + more, gpu, rate, process);
                        figures.Add(figure, 11 + (1.1 * more), gpu, rate, process);
                        figures.Add(figure, 12 + more, gpu, rate, process);
                    }
                }
            }
        }

        return figures;
    }
}
