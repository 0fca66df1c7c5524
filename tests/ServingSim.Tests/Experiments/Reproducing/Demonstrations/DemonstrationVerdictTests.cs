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

        Verdict verdict = DisaggregationReproduction.Judge(figures);
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
