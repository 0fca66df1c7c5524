using ServingSim.Cluster;
using ServingSim.Experiments;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Arrivals;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Experiments.Workloads.Sessions;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads.Sessions;

public sealed class SessionsWorkloadTests : IDisposable
{
    // A second from start to start
    private const string Three =
        "turns: { name: constant, tokens: 3 }, gaps: { name: lognormal, median: 1s, sigma: 0 }";

    private readonly WorkloadRun _run = new();

    public void Dispose() => _run.Dispose();

    private static string Source(string options, int prompt = 40, int output = 3, double ratePerS = 0.01) => $$"""
          source: { name: sessions, {{options}} }
          arrivals: { name: poisson, rate_per_s: {{ratePerS}} }
          prompt_tokens: { name: constant, tokens: {{prompt}} }
          output_tokens: { name: constant, tokens: {{output}} }
        """;

    [Fact]
    public void A_turn_repeats_what_was_said_and_finds_its_full_blocks()
    {
        // After turn 1 the KV of 40 + 3 − 1 tokens exists: two full blocks of 16. Turn 2 asks 43 + 40 and leaves
        // 83 + 2: five blocks; turn 3 asks 86 + 40
        _run.Run(Source(Three), "requests=3");
        Assert.Equal(["40 0", "83 32", "126 80"], _run.Rows("prompt_tokens", "cached_tokens"));
        Assert.Equal(["session=0"], _run.Rows("labels").Distinct());
    }

    [Theory]
    [InlineData(30, 3, 32)]
    [InlineData(30, 2, 16)]
    [InlineData(16, 33, 48)]
    public void The_last_token_of_an_answer_has_no_KV_yet(int prompt, int output, int cached)
    {
        // ⌊(P + O − 1)/16⌋ blocks
        _run.Run(Source(Three, prompt, output), "requests=2");
        Assert.Equal($"{(2 * prompt) + output} {cached}", _run.Rows("prompt_tokens", "cached_tokens")[1]);
    }

    [Fact]
    public void A_turn_starts_a_gap_after_the_last_ones_start_but_not_before_its_answer()
    {
        static double[] Gaps(string[] arrivals) =>
        [
            .. arrivals.Zip(arrivals.Skip(1), (a, b) => Math.Round(double.Parse(b) - double.Parse(a), 6)),
        ];

        _run.Run(Source(Three), "requests=3");
        Assert.Equal([1.0, 1.0], Gaps(_run.Rows("arrival_s")));
        _run.Run(Source(Three, output: 25), "requests=3");
        Assert.Equal([2.5, 2.5], Gaps(_run.Rows("arrival_s")));
    }

    [Fact]
    public void What_does_not_fit_is_forgotten_from_the_front_and_is_found_no_more()
    {
        // Turn 3 would be 40 + 3 + 40 + 3 + 40 tokens: the first 40 go, and no block of turn 2 begins as the rest does
        _run.Run(Source(Three + ", max_context_tokens: 100"), "requests=3");
        Assert.Equal(["40 0", "83 32", "86 0"], _run.Rows("prompt_tokens", "cached_tokens"));

        // Of turn 2 only the question fits, and a question that does not fit alone is cut short
        _run.Run(Source(Three + ", max_context_tokens: 41"), "requests=3");
        Assert.Equal(["40 0", "40 0", "40 0"], _run.Rows("prompt_tokens", "cached_tokens"));
        _run.Run(Source(Three + ", max_context_tokens: 20"), "requests=2");
        Assert.Equal(["20", "20"], _run.Rows("prompt_tokens"));
    }

    [Fact]
    public void A_system_prompt_stands_in_front_and_is_not_forgotten()
    {
        string prefix = ", prefix_groups: { groups: 1, tokens: 64 }";
        _run.Run(Source(Three + prefix), "requests=3");
        Assert.Equal(["104 0", "147 96", "190 144"], _run.Rows("prompt_tokens", "cached_tokens"));
        _run.Run(Source(Three + prefix + ", max_context_tokens: 120"), "requests=3");
        Assert.Equal(["104 0", "107 64", "107 64"], _run.Rows("prompt_tokens", "cached_tokens"));
    }

    [Fact]
    public void Two_sessions_share_nothing_but_their_system_prompt()
    {
        string one = "turns: { name: constant, tokens: 1 }";
        _run.Run(Source(one), "requests=5");
        Assert.All(_run.Rows("cached_tokens"), c => Assert.Equal("0", c));
        _run.Run(Source(one + ", prefix_groups: { groups: 1, tokens: 70 }"), "requests=5");
        Assert.Equal(["0", "64", "64", "64", "64"], _run.Rows("cached_tokens"));
    }

    [Fact]
    public void An_answer_cut_by_max_model_len_is_repeated_as_far_as_it_was_generated()
    {
        // Of 5000 tokens 3980 fit beside the 20 of the prompt; 20 + 3980 + 20 are then too many
        _run.Run(Source(Three, prompt: 20, output: 5000, ratePerS: 1e-4), "requests=2");
        Assert.Equal(
            ["20 3980 length", "4020 0 refused:too_long"],
            _run.Rows("prompt_tokens", "output_tokens", "finish_reason"));
    }

    [Fact]
    public void In_a_mix_a_session_still_finds_its_own_history_and_no_other_parts()
    {
        string part = Source(Three).Replace("\n", "\n      ").Replace("  source:", "      - source:");
        _run.Run("  source:\n    name: mix\n    parts:\n" + part + "\n" + part, "requests=60", "duration=2h");
        var sessions = _run.Rows("labels", "prompt_tokens", "cached_tokens")
            .GroupBy(r => r.Split(' ')[0], r => r[(r.IndexOf(' ') + 1)..]).ToList();
        Assert.Equal(["session=0", "session=1"], sessions.Select(s => s.Key.Split('/')[0]).Distinct().Order());
        Assert.InRange(sessions.Count, 20, 22);
        Assert.All(sessions, s => Assert.Equal(new[] { "40 0", "83 32", "126 80" }.Take(s.Count()), s));
    }

    [Theory]
    [InlineData(ClientOutcome.Refused)]
    [InlineData(ClientOutcome.Aborted)]
    [InlineData(ClientOutcome.Lost)]
    public void A_session_ends_with_a_turn_that_does_not_complete(ClientOutcome outcome)
    {
        using SessionsWorkload workload = Workload(1, new(Requests: 2), ratePerS: 1e-6);
        ClientRequest request = workload.Take();
        SimTime? next = workload.NextArrival;
        workload.OnFinished(request, outcome, request.Arrival, 0);
        Assert.Equal(next, workload.NextArrival);
    }

    [Fact]
    public void A_session_too_long_for_the_engine_ends_refused()
    {
        _run.Run(Source(Three.Replace("tokens: 3", "tokens: 9"), 1500), "duration=100s");
        Assert.Contains("4506 refused:too_long", _run.Rows("prompt_tokens", "finish_reason"));
        Assert.DoesNotContain(_run.Rows("prompt_tokens"), p => int.Parse(p) > 4506);
    }

    [Fact]
    public void A_first_prompt_of_its_own_length_leaves_the_later_turns_as_they_are()
    {
        _run.Run(Source(Three + ", first_prompt_tokens: { name: constant, tokens: 7 }"), "requests=3");
        Assert.Equal(["7", "50", "93"], _run.Rows("prompt_tokens"));
    }

    [Fact]
    public void A_client_that_forgets_keeps_its_last_messages_and_its_system_prompt()
    {
        // Before turn 2 some share of 40 + 3 is kept: the answer or nothing; before turn 3 the messages that fit
        _run.Run(Source(Three + ", forget_share: 1", ratePerS: 1e-4), "requests=300", "duration=500d");
        string[] prompts = _run.Rows("prompt_tokens");
        Assert.Equal(["40", "43"], prompts.Where((_, i) => i % 3 == 1).Distinct().Order());
        Assert.Equal(["40", "43", "83"], prompts.Where((_, i) => i % 3 == 2).Distinct().Order());
        Assert.All(_run.Rows("cached_tokens"), c => Assert.Equal("0", c));

        _run.Run(Source(Three + ", forget_share: 0.3", ratePerS: 1e-4), "requests=900", "duration=500d");
        Assert.InRange(_run.Rows("prompt_tokens").Where((_, i) => i % 3 == 1).Count(p => p == "83"), 190, 230);
        string prefix = ", forget_share: 1, prefix_groups: { groups: 1, tokens: 64 }";
        _run.Run(Source(Three + prefix, ratePerS: 1e-4), "requests=3", "duration=500d");
        Assert.All(_run.Rows("prompt_tokens"), p => Assert.True(int.Parse(p) is 104 or 107 or 147));
    }

    [Fact]
    public void The_same_seed_gives_the_same_run_and_another_seed_another()
    {
        string[] Rows(int seed)
        {
            _run.Run(Source("max_context_tokens: 900", ratePerS: 1), "duration=20m", $"seed={seed}");
            return _run.Rows("arrival_s", "labels", "prompt_tokens", "cached_tokens", "e2e_s");
        }

        Assert.Equal(Rows(3), Rows(3));
        Assert.NotEqual(Rows(3), Rows(4));
    }

    [Theory]
    [InlineData("forget_share: 1.1", "forget_share: found 1.1, expected a number from 0 to 1")]
    [InlineData("first_prompt_tokens: { name: constant, tokens: 0 }", "first_prompt_tokens.tokens: found 0, expected")]
    [InlineData("gaps: long", "gaps: no gap distribution is named 'long'")]
    [InlineData("gaps: { name: lognormal, median: 0s, sigma: 1 }", "gaps.median: found 0.00000000000 s, expected more")]
    [InlineData("gaps: { name: lognormal, median: 111d, sigma: 1 }", "gaps.median: found 9590400.00000000000 s, ")]
    [InlineData("gaps: { name: lognormal, median: 1s, sigma: -1 }", "gaps.sigma: found -1, expected a number")]
    [InlineData("max_context_tokens: 0", "max_context_tokens: found 0, expected more than the 0 of a system prompt")]
    [InlineData(
        "max_context_tokens: 64, prefix_groups: { groups: 1, tokens: 64 }",
        "max_context_tokens: found 64, expected more than the 64 of a system prompt")]
    [InlineData("turns: many", "turns: no length distribution is named 'many'")]
    [InlineData("turns: { name: constant, tokens: 0 }", "turns.tokens: found 0, expected at least 1")]
    public void A_bad_option_is_told(string options, string message) =>
        Assert.StartsWith("workload.source." + message, _run.Refusal(Source(options), "duration=1h"));

    private static SessionsWorkload Workload(long seed, WorkloadLimits limits, double ratePerS)
    {
        RandomStreams streams = new(seed);
        ConstantLengths one = new(new(1));
        return new SessionsWorkload(
            new SessionsOptions(
                Catalog.Default.Lengths.Choose("burstgpt-turns"), Catalog.Default.Gaps.Choose("burstgpt-gaps")),
            new PoissonArrivals(new PoissonOptions(ratePerS), streams),
            new IndependentLengths(one, one), Labels.None, streams, limits);
    }
}
