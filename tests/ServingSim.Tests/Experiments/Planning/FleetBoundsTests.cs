using ServingSim.Experiments.Planning;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;
using ServingSim.Tests.Experiments.Replicating;
using Xunit;

namespace ServingSim.Tests.Experiments.Planning;

public sealed class FleetBoundsTests
{
    /// <summary>A replica does one prompt at a time, in 100 ms; a request has no decodes.</summary>
    private static readonly WorkloadProfile OneToken = new(28, 10, 1, 1, 1, 1, 0);

    /// <summary>
    /// 281 prompts of one token in 10 s, one every 10 s / 280, each due 3 s later. A replica does one prompt in 100 ms,
    /// of at most 100 tokens in these settings: 1,000 tokens a second if all at once, so that prompts of one token bind
    /// nobody. Prompts of 400 tokens are 281 · 400 / 13 s = 8,646 tokens a second. If a tenth may be late, it is 253 of
    /// them. Of those due in the first quarter, 71 · 400 / (2.5 s + 3 s) is less.
    /// </summary>
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(400, 1, 9)]
    [InlineData(400, 0.9, 8)]
    public void Prompts_have_to_be_done_by_their_deadlines(int prompt, double target, int least) =>
        Assert.Equal(least, Of(prompt, 1, target, "slo.ttft_ms=3000").Least);

    /// <summary>281 · 9 decodes, due by 3 s + 9 · 0.2 s after the last arrival, one in 100 ms: 171 a second.</summary>
    [Theory]
    [InlineData(10, "slo={ ttft_ms: 3000, tpot_ms: 200 }", 18)]
    [InlineData(10, "slo.e2el_ms=4800", 18)]
    [InlineData(10, "slo.ttft_ms=3000", 1)]
    [InlineData(10, "slo.tpot_ms=200", 1)]
    public void Decodes_have_to_be_done_by_their_deadlines_where_they_have_any(int outputs, string slo, int least) =>
        Assert.Equal(least, Of(1, outputs, 1, slo).Least);

    /// <summary>The most work of all may be late: one request in ten is a hundred times as long here.</summary>
    [Fact]
    public void The_longest_requests_may_be_those_that_are_late()
    {
        Assert.True(Of(i => i % 10 == 0 ? 40_000 : 400, 1, "slo.ttft_ms=3000").Least > 90);
        Assert.Equal(8, Of(i => i % 10 == 0 ? 40_000 : 400, 0.89, "slo.ttft_ms=3000").Least);
    }

    [Theory]
    [InlineData("slo={ by_label: [{ label: a, value: b, target: { ttft_ms: 3000 } }] }", "workload.labels={ a: b }")]
    [InlineData("slo.ttft_ms=3000", "stop=cut", "duration=10s")]
    [InlineData(
        "slo.ttft_ms=3000",
        "workload={ source: { name: closed-loop, concurrency: 4 }, prompt_tokens: { name: constant, tokens: 1 }, "
        + "output_tokens: { name: constant, tokens: 1 } }")]
    public void Nothing_is_bounded_where_requests_are_not_judged_or_wait_for_others(params string[] settings)
    {
        LoadedScenario scenario = Sample.ConstantService(0.5, 280, settings);
        Assert.Null(LeastDemand.Of(scenario.Scenario, 1));
    }

    [Fact]
    public void The_estimate_lets_too_few_wait_to_matter()
    {
        // Waits of M/G/c with c replicas and no variation of the service: a check of the arguments, not of the formula
        FleetBounds bounds = Of(1, 1, 0.99, "slo.ttft_ms=250");
        double late = ManyServers.ChanceToWait(28, 10, bounds.Estimate!.Value, 0, 0.15);
        double lateBefore = ManyServers.ChanceToWait(28, 10, bounds.Estimate.Value - 1, 0, 0.15);
        Assert.True(late <= 0.01 && lateBefore > 0.01, $"{bounds.Estimate}: {late}, {lateBefore}");
    }

    /// <summary>One output token has no time between tokens.</summary>
    [Fact]
    public void A_limit_below_one_step_is_a_problem_only_where_too_many_have_decodes()
    {
        Assert.Null(Of(1, 1, 1, "slo.tpot_ms=99").Problem);
        Assert.Equal(
            "a step of one decode alone takes 100.0 ms, but tpot_ms is 99", Of(1, 2, 1, "slo.tpot_ms=99").Problem);
        Assert.Null(Of(1, 2, 0.00001, "slo.tpot_ms=100").Problem);
    }

    /// <summary>
    /// A step of 60 ms on the host and 100 ms on the device lasts 160 ms, but every 100 ms one can end where the host
    /// plans the next meanwhile: 281 · 9 decodes until 14.8 s after the first arrival are 27.3 or 17.1 replicas' work.
    /// </summary>
    [Theory]
    [InlineData("false", 28, "a step of one decode alone takes 160.0 ms, but tpot_ms is 150")]
    [InlineData("true", 18, null)]
    public void Steps_planned_ahead_cost_the_longer_of_host_and_device(string isAsync, int least, string? problem)
    {
        string[] engine =
        [
            "cluster.pools.main.host.ms_per_step=60", $"cluster.pools.main.engine.async_scheduling={isAsync}",
        ];
        Assert.Equal(least, Of(1, 10, 1, ["slo={ ttft_ms: 3000, tpot_ms: 200 }", .. engine]).Least);
        Assert.Equal(problem, Of(1, 10, 1, ["slo={ ttft_ms: 3000, tpot_ms: 150 }", .. engine]).Problem);
    }

    private static FleetBounds Of(int prompt, int outputs, double target, params string[] settings) =>
        Of(_ => (prompt, outputs), target, settings);

    private static FleetBounds Of(Func<int, int> prompt, double target, params string[] settings) =>
        Of(i => (prompt(i), 1), target, settings);

    private static FleetBounds Of(Func<int, (int Prompt, int Outputs)> request, double target, string[] settings)
    {
        Scenario scenario = Sample.ConstantService(
            0.5, 280, ["cluster.pools.main.engine.max_num_batched_tokens=100", .. settings]).Scenario;
        LeastDemand demand = LeastDemand.Of(scenario, target)!;
        for (int i = 0; i <= 280; i++)
        {
            (int prompt, int outputs) = request(i);
            demand.Add(0, new RequestRecord
            {
                ClientId = i,
                ArrivalS = 10 * i / 280.0,
                PromptTokens = prompt,
                OutputTokens = outputs,
                FinishReason = "stop",
            });
        }

        return FleetBounds.Of(
            scenario.Cluster.Pools["main"], OneToken, demand, scenario.Slo.Targets(), target);
    }
}
