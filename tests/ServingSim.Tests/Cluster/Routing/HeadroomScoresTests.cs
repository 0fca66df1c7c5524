using CsCheck;
using ServingSim.Cluster.Routing;
using Xunit;

namespace ServingSim.Tests.Cluster.Routing;

public sealed class HeadroomScoresTests
{
    /// <summary>
    /// Room of 10, 30 and 20 ms to the first token and 2, 2 and 6 a token, over ranges of 20 and 4: distances 0, 0.8
    /// and 0.4 + 0.2.
    /// </summary>
    [Theory]
    [InlineData(HeadroomRule.Least, 1.01, 0.2, 0.41)]
    [InlineData(HeadroomRule.Most, 0.01, 0.81, 0.61)]
    public void Within_the_limits_the_rule_decides(HeadroomRule rule, params double[] expected) =>
        AssertScores(expected, Of(rule, (10, 2, false), (30, 2, true), (20, 6, false), (-1, 50, true)), 4);

    /// <summary>The least beyond the limits, whatever the rule; 8 and 4 ms over a range of 4.</summary>
    [Theory]
    [InlineData(HeadroomRule.Least)]
    [InlineData(HeadroomRule.Most)]
    public void Beyond_the_limits_some_come_before_others(HeadroomRule rule)
    {
        (double, double, bool)[] all =
            [(-9, -9, true), (5, -8, false), (5, -4, false), (-8, 5, false), (-4, 5, false), (-1, -1, false)];
        AssertScores([0.51, 0, 0, 0, 0, 0], Of(rule, all), 6);
        AssertScores([0.01, 1.01, 0, 0, 0], Of(rule, all[1..]), 5);
        AssertScores([0.01, 1.01, 0], Of(rule, all[3..]), 3);
        AssertScores([0.51], Of(rule, all[5..]), 1);
    }

    /// <summary>A distance that all have alike leaves the whole weight to the other.</summary>
    [Fact]
    public void What_all_have_alike_does_not_count() =>
        AssertScores([1.01, 0.01, 0.51], Of(HeadroomRule.Least, (7, 1, false), (7, 3, false), (7, 2, false)), 3);

    /// <summary>llm-d's rule as its README tells it, bucket by bucket.</summary>
    [Fact]
    public void Scores_are_as_the_rule_reads() => Gen.Select(
        Gen.Select(Gen.Int[-6, 6], Gen.Int[-6, 6], Gen.Bool).Array[1, 6],
        Gen.Enum<HeadroomRule>(),
        Gen.Select(Gen.Int[0, 4], Gen.Int[1, 4])).Sample((rooms, rule, weights) =>
        {
            (double, double, bool)[] all = [.. rooms.Select(r => ((double)r.Item1, (double)r.Item2, r.Item3))];
            double[] scores = new HeadroomScores(weights.Item1, weights.Item2, rule).Of(
                [.. all.Select(r => new Headroom(r.Item1, r.Item2, r.Item3))]);
            AssertScores(AsRead(all, rule, weights.Item1, weights.Item2), scores, all.Length);
        });

    private static double[] AsRead(
        (double Ttft, double Tpot, bool IsIdle)[] all, HeadroomRule rule, double ttftWeight, double tpotWeight)
    {
        List<int>[] buckets =
        [
            Where(r => r is { Ttft: >= 0, Tpot: >= 0 }),
            Where(r => r.IsIdle),
            Where(r => r is { Ttft: >= 0, Tpot: < 0 }),
            Where(r => r is { Ttft: < 0, Tpot: >= 0 }),
            Where(r => r is { Ttft: < 0, Tpot: < 0 }),
        ];
        int bucket = Array.FindIndex(buckets, b => b.Count > 0);
        double[] ttft = [.. buckets[bucket].Select(i => Math.Abs(all[i].Ttft))];
        double[] tpot = [.. buckets[bucket].Select(i => Math.Abs(all[i].Tpot))];
        (double a, double b) = (ttftWeight / (ttftWeight + tpotWeight), tpotWeight / (ttftWeight + tpotWeight));
        if (ttft.Max() == ttft.Min() && tpot.Max() > tpot.Min())
        {
            (a, b) = (0, 1);
        }
        else if (tpot.Max() == tpot.Min() && ttft.Max() > ttft.Min())
        {
            (a, b) = (1, 0);
        }

        double[] scores = new double[all.Length];
        for (int k = 0; k < ttft.Length; k++)
        {
            double combined = (a * Normal(ttft, k)) + (b * Normal(tpot, k));
            double preferred = bucket == 0 && rule == HeadroomRule.Most ? combined : 1 - combined;
            scores[buckets[bucket][k]] = preferred;
        }

        return [.. scores.Select((s, i) => buckets[bucket].Contains(i) ? (Math.Floor(s * 100) + 1) / 100 : 0)];

        List<int> Where(Func<(double Ttft, double Tpot, bool IsIdle), bool> isSo) =>
            [.. Enumerable.Range(0, all.Length).Where(i => isSo(all[i]))];

        static double Normal(double[] of, int k) =>
            of.Max() == of.Min() ? 0.5 : (of[k] - of.Min()) / (of.Max() - of.Min());
    }

    private static double[] Of(HeadroomRule rule, params (double Ttft, double Tpot, bool IsIdle)[] rooms) =>
        new HeadroomScores(0.8, 0.2, rule).Of([.. rooms.Select(r => new Headroom(r.Ttft, r.Tpot, r.IsIdle))]);

    /// <summary>Hundredths are cut off, so that a rounding may make one of difference.</summary>
    private static void AssertScores(double[] expected, double[] scores, int count)
    {
        Assert.Equal(count, scores.Length);
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(i < expected.Length ? expected[i] : 0, scores[i], 0.0101);
            Assert.Equal(i < expected.Length && expected[i] > 0, scores[i] > 0);
        }
    }
}
