using CsCheck;
using ServingSim.Cluster.Admission;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster.Routing;
using Xunit;

namespace ServingSim.Tests.Cluster.Admission;

public sealed class TokenBucketTests
{
    private static readonly ReplicaView[] Replicas = Views.Idle(1);

    /// <summary>Two a second, three at once: full again after 1.5 s, and never fuller.</summary>
    [Fact]
    public void A_bucket_lets_a_burst_in_and_then_its_rate()
    {
        TokenBucket bucket = new(new TokenBucketOptions(2, 3));
        Assert.Equal(
            [true, true, true, false, false, true, false, true, true, true, false],
            new[] { 0, 0, 0, 0, 0.49999999999, 0.5, 0.6, 99, 99, 99, 99 }.Select(at => IsLetIn(bucket, at)));
    }

    [Fact]
    public void A_prompt_costs_its_tokens_and_one_that_is_refused_costs_nothing()
    {
        TokenBucket bucket = new(new TokenBucketOptions(10, 100, TokenBucketCost.PromptTokens));
        Assert.Equal(
            [true, false, true, false, true],
            new[] { (0.0, 70), (0, 31), (0, 30), (2, 21), (2, 20) }.Select(r => IsLetIn(bucket, r.Item1, r.Item2)));
    }

    [Fact]
    public void Each_value_of_a_label_has_a_bucket_and_those_without_it_another()
    {
        TokenBucket bucket = new(new TokenBucketOptions(1, 1, Label: "session"));
        Assert.Equal(
            [true, true, true, false, false, false],
            new[] { "a", "b", null, "a", "b", null }.Select(session => IsLetIn(bucket, 0, session: session)));
    }

    /// <summary>A rate that no binary fraction tells: 30 days of arrivals as often as it allows, to the tick.</summary>
    [Fact]
    public void Nothing_is_gained_or_lost_over_a_long_time()
    {
        TokenBucket bucket = new(new TokenBucketOptions(0.1, 1));
        for (int i = 0; i < 260_000; i++)
        {
            Assert.Null(bucket.ReasonToRefuse(Of(new SimTime(i * 10 * SimTime.TicksPerSecond))));
        }

        Assert.NotNull(bucket.ReasonToRefuse(Of(new SimTime((260_000L * 10 * SimTime.TicksPerSecond) - 1))));
    }

    /// <summary>In any stretch of time no more than the capacity and what came in.</summary>
    [Fact]
    public void No_stretch_of_time_lets_in_more_than_capacity_and_rate() =>
        Gen.Select(Gen.Int[1, 50], Gen.Int[1, 20], Gen.Int[0, 300].Array[1, 60]).Sample((rate, capacity, gaps) =>
        {
            TokenBucket bucket = new(new TokenBucketOptions(rate, capacity));
            List<double> letIn = [];
            double now = 0;
            foreach (int gap in gaps)
            {
                now += gap / 1000.0;
                if (IsLetIn(bucket, now))
                {
                    letIn.Add(now);
                }
            }

            for (int i = 0; i < letIn.Count; i++)
            {
                for (int j = i; j < letIn.Count; j++)
                {
                    Assert.True(j - i + 1 <= capacity + (rate * (letIn[j] - letIn[i])) + 1e-6);
                }
            }

            Assert.NotEmpty(letIn);
        }, iter: 500);

    private static bool IsLetIn(TokenBucket bucket, double at, int tokens = 1, string? session = null) =>
        bucket.ReasonToRefuse(Of(SimTime.FromSeconds(at), tokens, session)) is null;

    private static Applicant Of(SimTime at, int tokens = 1, string? session = null) => new(
        Views.Request(0, session, new TokenSegment(TokenStream.OwnOf(0), tokens)), at, Replicas[0], Replicas, []);
}
