using ServingSim.Cluster.Routing;
using ServingSim.Cluster.Scaling;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster.Routing;
using Xunit;

namespace ServingSim.Tests.Cluster.Scaling;

/// <summary>What autoscalers want, told what they see.</summary>
public sealed class AutoscalerTests
{
    /// <summary>Four replicas with 15, 10.8 and 4 requests waiting each, the target being 10.</summary>
    [Fact]
    public void Hpa_scales_by_the_ratio_tolerates_a_tenth_and_waits_before_it_scales_down()
    {
        HpaAutoscaler hpa = new(Hpa(10, ScalingMetric.Waiting));
        Assert.Equal(6, hpa.Wanted(Load(0, 15, 15, 15, 15)));
        hpa = new(Hpa(10, ScalingMetric.Waiting));
        Assert.Equal(4, hpa.Wanted(Load(15, 11, 11, 11, 10)));
        Assert.Equal(4, hpa.Wanted(Load(30, 9, 9, 9, 9)));
        for (int second = 45; second <= 315; second += 15)
        {
            Assert.Equal(4, hpa.Wanted(Load(second, 4, 4, 4, 4)));
        }

        // The 4 of second 30 are as old as the window: Kubernetes keeps what is After(now - window)
        Assert.Equal(2, hpa.Wanted(Load(330, 4, 4, 4, 4)));
    }

    /// <summary>
    /// Nothing to do from the beginning: the four that there are when it first looks, at 15 s, count as recommended
    /// then (recordInitialRecommendation of Kubernetes' horizontal.go), and so stay for 300 s.
    /// </summary>
    [Fact]
    public void Hpa_does_not_scale_down_before_its_window_has_passed_since_its_first_look()
    {
        HpaAutoscaler hpa = new(Hpa(10, ScalingMetric.Waiting));
        for (int second = 15; second <= 300; second += 15)
        {
            Assert.Equal(4, hpa.Wanted(Load(second, 1, 1, 1, 1)));
        }

        Assert.Equal(1, hpa.Wanted(Load(315, 1, 1, 1, 1)));
    }

    /// <summary>
    /// Of five: 5 as there were at 0, then 4 at 15 and 2 from 59 on; what is 60 s old no longer counts, as Kubernetes
    /// keeps only what is After(now - window) (stabilizeRecommendationWithBehaviors).
    /// </summary>
    [Fact]
    public void Hpa_scales_down_to_the_most_that_it_wanted_lately_and_up_at_once()
    {
        HpaAutoscaler hpa = new(Hpa(10, ScalingMetric.Waiting) with { DownscaleStabilization = S(60) });
        Assert.Equal(5, hpa.Wanted(Load(0, 1, 1, 1, 1, 1)));
        Assert.Equal(5, hpa.Wanted(Load(15, 7, 7, 7, 7, 7)));
        Assert.Equal(5, hpa.Wanted(Load(59, 3, 3, 3, 3, 3)));
        Assert.Equal(4, hpa.Wanted(Load(60, 3, 3, 3, 3, 3)));
        Assert.Equal(4, hpa.Wanted(Load(74, 1, 1, 1, 1, 1)));
        Assert.Equal(2, hpa.Wanted(Load(75, 1, 1, 1, 1, 1)));
        Assert.Equal(10, hpa.Wanted(Load(76, 20, 20, 20, 20, 20)));
    }

    /// <summary>
    /// Two with 18 each: 3.6 of the target 10 in all. With one starting 4 are wanted, with two as many, and with three,
    /// whose mean is below the target, nothing happens.
    /// </summary>
    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 4)]
    [InlineData(2, 4)]
    [InlineData(3, 5)]
    public void Hpa_counts_replicas_that_start_as_without_load(int starting, int wanted) =>
        Assert.Equal(wanted, new HpaAutoscaler(Hpa(10, ScalingMetric.Waiting)).Wanted(
            Load(0, 18, 18) with { Starting = starting }));

    [Fact]
    public void Hpa_measures_what_it_is_told_to()
    {
        ReplicaView[] views = Views.Telling(new ReplicaGauges(2, 6, 0.5), new ReplicaGauges(4, 8, 0.9));
        (views[0].Outstanding, views[1].Outstanding) = (30, 10);
        PoolLoad load = new(default, views, 0, 0);
        Assert.Equal((6, 10, 7, 4), (
            new HpaAutoscaler(Hpa(1, ScalingMetric.Waiting)).Wanted(load),
            new HpaAutoscaler(Hpa(2, ScalingMetric.Requests) with { ScaleUpPods = 8 }).Wanted(load),
            new HpaAutoscaler(Hpa(0.2, ScalingMetric.KvCacheUsage) with { ScaleUpPods = 8 }).Wanted(load),
            new HpaAutoscaler(Hpa(10, ScalingMetric.Concurrency)).Wanted(load)));
        Assert.Equal(2, new HpaAutoscaler(Hpa(2.5, ScalingMetric.Waiting) with { Tolerance = 0.2 }).Wanted(load));
        Assert.Equal(3, new HpaAutoscaler(Hpa(2.5, ScalingMetric.Waiting) with { Tolerance = 0.19 }).Wanted(load));
    }

    /// <summary>
    /// Ten times too much: 4 more than one or two, twice as many as five or more. Of what was added within the period
    /// nothing is added again: with a period of 60 s from 2 to 6, and to 12 only when a minute is over.
    /// </summary>
    [Fact]
    public void Hpa_scales_up_no_faster_than_its_policies_allow()
    {
        Assert.Equal((5, 6, 10, 20), (Up(1), Up(2), Up(5), Up(10)));
        HpaAutoscaler slow = new(Hpa(1, ScalingMetric.Waiting) with { PolicyPeriod = S(60) });
        Assert.Equal((6, 6, 6, 6, 12), (
            slow.Wanted(Load(15, 99, 99)), slow.Wanted(Load(30, 99, 99) with { Starting = 4 }),
            slow.Wanted(Load(45, 99, 99) with { Starting = 4 }), slow.Wanted(Load(60, 99, 99) with { Starting = 4 }),
            slow.Wanted(Load(75, 99, 99) with { Starting = 4 })));

        static int? Up(int replicas) => new HpaAutoscaler(Hpa(1, ScalingMetric.Waiting)).Wanted(
            Load(15, [.. Enumerable.Repeat(10, replicas)]));
    }

    /// <summary>A quarter of eight at a time, and again when the period is over: 8, 6, 4 (of 4.5).</summary>
    [Fact]
    public void Hpa_scales_down_no_faster_than_its_policy_allows()
    {
        HpaAutoscaler hpa = new(Hpa(10, ScalingMetric.Waiting) with
        {
            DownscaleStabilization = S(0),
            ScaleDownPercent = 25,
            PolicyPeriod = S(30),
        });
        Assert.Equal((6, 6, 4), (
            hpa.Wanted(Load(15, new int[8])), hpa.Wanted(Load(30, new int[6])), hpa.Wanted(Load(45, new int[6]))));
    }

    [Fact]
    public void Hpa_looks_at_multiples_of_its_interval()
    {
        HpaAutoscaler hpa = new(Hpa(1, ScalingMetric.Waiting));
        Assert.Equal((S(15), S(15), S(30)), (
            hpa.NextLook(new SimTime(-1))!.Value, hpa.NextLook(S(14.9))!.Value, hpa.NextLook(S(15))!.Value));
    }

    /// <summary>Means over 10 s of one look a second; the last of them decides.</summary>
    [Fact]
    public void Thresholds_of_the_queue_add_one_if_its_trend_keeps_it_long_and_take_one_away_below()
    {
        ThresholdAutoscaler scaler = new(new ThresholdOptions(S(10), S(1)));
        Assert.Equal(10, Decide(scaler, 0, Queue, _ => 5));
        Assert.Equal(11, Decide(scaler, 10, Queue, _ => 6));
        Assert.Equal(10, Decide(scaler, 20, Queue, i => 9 - (0.5 * i)));
        Assert.Equal(11, Decide(scaler, 30, Queue, i => 9 - (0.1 * i)));
        Assert.Equal(10, Decide(scaler, 40, Queue, i => i < 8 ? 0 : 1));
        Assert.Equal(9, Decide(scaler, 50, Queue, i => i < 9 ? 0 : 1));
    }

    [Fact]
    public void Thresholds_of_kv_usage_grant_a_grace_after_one_more()
    {
        ThresholdAutoscaler scaler = new(new ThresholdOptions(S(10), S(1), ThresholdMetric.KvCacheUsage));
        Assert.Equal(10, Decide(scaler, 0, Kv, _ => 0.875));
        Assert.Equal(11, Decide(scaler, 10, Kv, _ => 0.91));
        Assert.Equal(10, Decide(scaler, 20, Kv, _ => 0.4));
        Assert.Equal(10, Decide(scaler, 30, Kv, _ => 0.4));
        Assert.Equal(10, Decide(scaler, 40, Kv, _ => 0.4));
        Assert.Equal(9, Decide(scaler, 50, Kv, _ => 0.4));
        Assert.Equal(10, Decide(scaler, 60, Kv, _ => 0.5));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    public void Thresholds_change_nothing_while_a_change_is_under_way(int starting, int draining)
    {
        ThresholdAutoscaler scaler = new(new ThresholdOptions(S(1), S(1)));
        Assert.Null(scaler.Wanted(Load(1, 9, 9, 9) with { Starting = starting, Draining = draining }));
        Assert.Equal(4, scaler.Wanted(Load(2, 9, 9, 9)));
    }

    [Fact]
    public void Thresholds_and_grace_can_be_chosen()
    {
        ThresholdOptions options = new(S(1), S(1), Up: 2, Down: 1, GraceIntervals: 0);
        Assert.Equal((4, 3, 2), (
            new ThresholdAutoscaler(options).Wanted(Load(1, 3, 3, 3)),
            new ThresholdAutoscaler(options).Wanted(Load(1, 2, 2, 2)),
            new ThresholdAutoscaler(options).Wanted(Load(1, 0, 0, 0))));
        Assert.Empty(options.Problems());
        Assert.Single((options with { Down = 3 }).Problems());
        ThresholdAutoscaler kv = new(options with { By = ThresholdMetric.KvCacheUsage, Up = 0.3, Down = 0.2 });
        Assert.Equal(11, kv.Wanted(Kv(1, 0.4)));
        Assert.Equal(9, kv.Wanted(Kv(2, 0.1)));
    }

    [Fact]
    public void A_schedule_says_how_many_from_when_on_and_may_repeat()
    {
        ScheduledReplicasOptions options = new([new(S(10), 2), new(S(20), 5)]);
        ScheduledReplicas once = new(options);
        ScheduledReplicas daily = new(options with { Repeat = S(100) });
        Assert.Equal((S(10), S(20), null), (
            once.NextLook(new SimTime(-1)), once.NextLook(S(10)), once.NextLook(S(20))));
        Assert.Equal((2, 2, 5, 5), (Wanted(once, 10), Wanted(once, 19), Wanted(once, 20), Wanted(once, 1000)));
        Assert.Equal((S(10), S(110), S(120), S(210)), (
            daily.NextLook(new SimTime(-1)), daily.NextLook(S(20)), daily.NextLook(S(110)), daily.NextLook(S(120))));
        Assert.Equal((5, 2, 5, 5), (Wanted(daily, 5), Wanted(daily, 110), Wanted(daily, 120), Wanted(daily, 205)));

        static int? Wanted(ScheduledReplicas schedule, int second) => schedule.Wanted(Load(second, 0));
    }

    /// <summary>What ten looks lead to; before the last nothing is decided.</summary>
    private static int? Decide(
        ThresholdAutoscaler scaler, int after, Func<double, double, PoolLoad> load, Func<int, double> of)
    {
        for (int i = 0; i < 9; i++)
        {
            Assert.Null(scaler.Wanted(load(after + 1 + i, of(i))));
        }

        return scaler.Wanted(load(after + 10, of(9)));
    }

    /// <summary>Ten replicas with so many waiting requests on average.</summary>
    private static PoolLoad Queue(double second, double mean)
    {
        int sum = (int)Math.Round(mean * 10);
        return Load(second, [.. Enumerable.Range(0, 10).Select(i => (sum + i) / 10)]);
    }

    private static PoolLoad Kv(double second, double usage) =>
        new(S(second), Views.Telling([.. Enumerable.Repeat(new ReplicaGauges(0, 0, usage), 10)]), 0, 0);

    private static PoolLoad Load(double second, params int[] waiting) =>
        new(S(second), Views.Telling([.. waiting.Select(w => new ReplicaGauges(w, 0, 0))]), 0, 0);

    private static HpaOptions Hpa(double target, ScalingMetric metric) => new(target, S(15), S(300), S(15), metric);

    private static SimTime S(double seconds) => SimTime.FromSeconds(seconds);
}
