using ServingSim.Experiments.Results;
using ServingSim.Experiments.Workloads;
using ServingSim.Kernel;
using ServingSim.Report;
using Xunit;

namespace ServingSim.Tests.Report;

public class SummaryTableTests
{
    private static Summary Example()
    {
        var builder = new SummaryBuilder(["service"]);
        for (var id = 0; id < 12_345; id++)
        {
            var isApi = id % 4 == 0;
            var isRefused = id % 1000 == 999;
            builder.Add(new RequestRecord
            {
                ClientId = id,
                ArrivalS = id / 5.0,
                Labels = isApi ? "service=api" : "service=conversation [beta]",
                Replica = isRefused ? "" : isApi ? "spare/0" : "main/1",
                PromptTokens = 600,
                OutputTokens = isRefused ? 0 : 201,
                CachedTokens = isRefused ? 0 : 160,
                QueueS = isRefused ? null : 0.01,
                TtftS = isRefused ? null : 0.05 + (id % 100 / 1000.0),
                TpotS = isRefused ? null : 0.02,
                E2eS = isRefused ? null : 4.05 + (id % 100 / 1000.0),
                Preemptions = id % 500 == 0 ? 1 : 0,
                FinishReason = isRefused ? FinishReason.TooLong : FinishReason.Length,
                IsWarmup = id < 345,
                SloMet = !isRefused && id % 100 < 95,
            });
        }

        builder.ItlOf("main", "service=api").Record(SimTime.FromMilliseconds(20), 2_000_000);
        builder.AddPool("main", new PoolUsage(62, 100, 0.97, 400_000, true));
        builder.AddPool("spare", new PoolUsage(10, 100, 0.2, 100_000, true));
        var trace = new TraceCounts(20_000, 7000, 0, 655, 0, 0, 12_345);
        return builder.Build(new RunTotals("example", 1, 12_345, 1_234_567, trace));
    }

    private const string Expected = """

         requests  arrived  completed  refused  aborted  lost  unfinished
        ───────────────────────────────────────────────────────────────────
         counted    12,000     11,988       12        0     0           0
         warm-up       345        345        0        0     0           0


         latency, ms             mean    p50    p90    p95    p99
        ───────────────────────────────────────────────────────────
         time to first token     99.5   99.0    139    144    148
         time per output token   20.0   20.0   20.0   20.0   20.0
         between tokens          20.0   20.0   20.0   20.0   20.0
         end to end             4,099  4,099  4,139  4,144  4,148


         rates                      totals
        ────────────────────────────────────────────────────────
         requests/s           4.99  seconds              2,404
         in SLO/s             4.74  prompt tokens    7,192,800
         in SLO             95.0 %  output tokens    2,409,588
         output tokens/s     1,002  preemptions             24
         all tokens/s        3,995  steps              500,000
         KV usage, mean     36.0 %  events           1,234,567
         KV usage, peak     97.0 %  trace rows read     20,000
         prefix tokens hit  26.7 %  failed there           655


         by service           arrived  failed  TTFT p50  p99  TPOT p50   p99  in SLO
        ──────────────────────────────────────────────────────────────────────────────
         api                    3,000       0      98.0  146      20.0  20.0  96.0 %
         conversation [beta]    9,000      12       100  149      20.0  20.0  94.7 %


         by pool  arrived  failed  TTFT p50  p99  TPOT p50   p99  in SLO
        ──────────────────────────────────────────────────────────────────
         (none)        12      12         -    -         -     -   0.0 %
         main       8,988       0       100  149      20.0  20.0  94.8 %
         spare      3,000       0      98.0  146      20.0  20.0  96.0 %


        """;

    [Fact]
    public void A_summary_reads_at_a_glance()
    {
        Assert.Equal(Expected, SummaryTable.Text(Example()));
    }

    [Fact]
    public void Sketched_percentiles_are_marked_and_exact_ones_are_not()
    {
        Summary exact = Example();
        Summary sketched = exact with { Rows = new RequestSelection(RequestRows.None, 100) };
        Assert.DoesNotContain("sketched", SummaryTable.Text(exact));
        Assert.Contains("sketched: each is within 0.4 % of the exact one", SummaryTable.Text(sketched));
        Assert.All(SummaryTable.Text(sketched).Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    public void No_line_is_wider_than_the_terminal(int columns)
    {
        Assert.All(SummaryTable.Text(Example(), columns).Split('\n'), line => Assert.InRange(line.Length, 0, columns));
    }

    [Fact]
    public void A_run_in_which_nothing_happened_has_dashes_for_what_is_undefined()
    {
        var text = SummaryTable.Text(new SummaryBuilder([]).Build(new RunTotals("", 1, 0, 0)));
        Assert.Matches(@"time to first token +- +- +- +- +-", text);
        Assert.DoesNotContain("NaN", text);
    }
}
