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
    // e^0 = 1 s from start to start
    private const string Three = "turns: { name: constant, tokens: 3 }, gap_mu: 0, gap_sigma: 0";

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
    public void In_a_mix_a_session_still_finds_its_own_history()
    {
        string part = Source(Three).Replace("\n", "\n      ").Replace("  source:", "      - source:");
        _run.Run("  source:\n    name: mix\n    parts:\n" + part + "\n" + part, "requests=6", "duration=30m");
        string[] rows = _run.Rows("prompt_tokens", "cached_tokens");
        Assert.Equal(2, rows.Count(r => r == "40 0"));
        Assert.Equal(2, rows.Count(r => r == "83 32"));
        Assert.Equal(2, rows.Count(r => r == "126 80"));
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
        workload.OnFinished(request, outcome, request.Arrival);
        Assert.Equal(next, workload.NextArrival);
    }

    [Fact]
    public void A_session_too_long_for_the_engine_ends_refused()
    {
        _run.Run(Source("turns: { name: constant, tokens: 9 }, gap_mu: 0", 1500), "duration=100s");
        Assert.Contains("4506 refused:too_long", _run.Rows("prompt_tokens", "finish_reason"));
        Assert.DoesNotContain(_run.Rows("prompt_tokens"), p => int.Parse(p) > 4506);
    }

    [Fact]
    public void Turns_and_gaps_are_those_of_BurstGPT_by_default()
    {
        using SessionsWorkload workload = Workload(1, new(Requests: 40_000), ratePerS: 1e-3);
        Dictionary<string, List<SimTime>> starts = [];
        while (workload.NextArrival is not null)
        {
            ClientRequest request = workload.Take();
            string session = request.Labels["session"]!;
            (starts.TryGetValue(session, out List<SimTime>? known) ? known : starts[session] = []).Add(request.Arrival);
            workload.OnFinished(request, ClientOutcome.Completed, request.Arrival);
        }

        double[] gaps =
        [
            .. starts.Values.SelectMany(s => s.Zip(s.Skip(1), (a, b) => (b - a).TotalSeconds)).Order(),
        ];
        Assert.InRange(gaps[gaps.Length / 2], 165, 190);
        Assert.InRange(gaps[(int)(gaps.Length * 0.8413)] / gaps[gaps.Length / 2], 6.3, 7.9);
    }

    [Fact]
    public void The_turns_of_BurstGPT_have_its_shares_mean_and_tail()
    {
        BurstGptTurns turns = new();
        int[] drawn = new int[200_000];
        for (int i = 0; i < drawn.Length; i++)
        {
            Draws draws = new RandomStreams(1).Stream("turns").At(i);
            drawn[i] = turns.Draw(ref draws);
        }

        Array.Sort(drawn);
        double Share(int k) => drawn.Count(d => d == k) / (double)drawn.Length;
        Assert.Equal(0.355, Share(1), 0.005);
        Assert.Equal(0.204, Share(2), 0.005);
        Assert.Equal(0.013, Share(10), 0.002);
        Assert.Equal((2, 4, 9), (drawn[100_000], drawn[150_000], drawn[180_000]));
        Assert.InRange(drawn[198_000], 30, 32);
        Assert.Equal(4.18, drawn.Average(), 0.05);
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
    [InlineData("gap_mu: 16", "gap_mu: found 16, expected a number from -10 to 15")]
    [InlineData("gap_sigma: -1", "gap_sigma: found -1, expected a number from 0 to 10")]
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
            new SessionsOptions(Catalog.Default.Lengths.Choose("burstgpt-turns")),
            new PoissonArrivals(new PoissonOptions(ratePerS), streams),
            new IndependentLengths(one, one), Labels.None, streams, limits);
    }
}
