using ServingSim.Experiments.Results;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Results;

public class SloTests
{
    private static RequestTimes Times(double ttft, double endToEnd) => new(
        SimTime.FromSeconds(10), SimTime.FromSeconds(10), SimTime.FromSeconds(10 + ttft),
        SimTime.FromSeconds(10 + endToEnd));

    [Fact]
    public void Time_per_output_token_spreads_the_time_after_the_first_token_over_the_gaps()
    {
        Assert.Equal(0.1, Times(0.5, 2.5).TpotSeconds(21));
    }

    [Fact]
    public void A_request_of_one_output_token_has_no_time_per_output_token_but_meets_its_limit()
    {
        Assert.Null(Times(0.5, 0.5).TpotSeconds(1));
        Assert.True(new SloTarget(TpotMs: 0.001).IsMetBy(Times(0.5, 0.5), 1));
        Assert.True(new SloTarget(TpotMs: 0.001).IsMetBy(Times(0.5, 0.7), 0));
    }

    [Theory]
    [InlineData(400.0, null, null, false)]
    [InlineData(500.0, null, null, true)]
    [InlineData(null, 100.0, null, true)]
    [InlineData(null, 99.999, null, false)]
    [InlineData(null, null, 2500.0, true)]
    [InlineData(null, null, 2499.0, false)]
    [InlineData(500.0, 100.0, 2499.0, false)]
    [InlineData(null, null, null, true)]
    public void All_limits_given_must_hold_and_a_tie_holds(double? ttft, double? tpot, double? e2el, bool expected)
    {
        Assert.Equal(expected, new SloTarget(ttft, tpot, e2el).IsMetBy(Times(0.5, 2.5), 21));
    }

    [Fact]
    public void A_tie_that_binary_fractions_would_break_is_still_met()
    {
        Assert.True((0.8 - 0.5) / 3 > 0.1);
        Assert.True(new SloTarget(TpotMs: 100).IsMetBy(Times(0.5, 0.8), 4));
    }

    [Fact]
    public void The_first_entry_that_matches_a_label_wins_over_the_limits_for_all()
    {
        var overall = new SloTarget(TtftMs: 1);
        var api = new SloTarget(TtftMs: 2);
        var slo = new SloTargets(overall, [new("service", "api", api), new("service", "api", overall)]);
        Assert.Same(api, slo.For("model=GPT-4;service=api"));
        Assert.Same(overall, slo.For("model=GPT-4;service=api2"));
        Assert.Same(overall, slo.For("microservice=api"));
        Assert.Same(overall, slo.For(""));
    }

    [Theory]
    [InlineData(FinalOutcome.Completed, true)]
    [InlineData(FinalOutcome.Refused, false)]
    [InlineData(FinalOutcome.Aborted, false)]
    [InlineData(FinalOutcome.Lost, false)]
    [InlineData(FinalOutcome.Unfinished, null)]
    public void A_failed_request_misses_its_limits_and_an_unfinished_one_is_not_judged(FinalOutcome outcome, bool? met)
    {
        SloTargets limited = new(new SloTarget(TtftMs: 500), []);
        Assert.Equal(met, limited.Judge("", outcome, Times(0.5, 2.5), 21, default));
        Assert.Null(SloTargets.None.Judge("", outcome, Times(0.5, 2.5), 21, default));
    }
}
