using ServingSim.Cluster;
using ServingSim.Engine;
using ServingSim.Experiments;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Scenarios;
using ServingSim.Experiments.Workloads;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads;

public sealed class MixWorkloadTests : IDisposable
{
    private const string Poisson = """
              - source: synthetic
                arrivals: { name: poisson, rate_per_s: 1 }
                prompt_tokens: { name: lognormal, median_tokens: 50, sigma: 1, max_tokens: 900 }
                output_tokens: { name: constant, tokens: 2 }
                labels: { service: a }
        """;

    private const string Closed = """
              - source: { name: closed-loop, concurrency: 1, think_time: 1s }
                prompt_tokens: { name: constant, tokens: 20 }
                output_tokens: { name: constant, tokens: 3 }
                labels: { service: b }
        """;

    private readonly WorkloadRun _run = new();

    public void Dispose() => _run.Dispose();

    private static string Mix(params string[] parts) =>
        "  source:\n    name: mix\n    parts:\n" + string.Join('\n', parts) + "\n  labels: { tenant: x }";

    [Fact]
    public void Requests_are_numbered_in_order_of_arrival_with_the_labels_of_whole_and_part()
    {
        Summary summary = _run.Run(Mix(Poisson, Closed), "duration=1000s", "report_by=[service]");
        string[] arrivals = _run.Rows("arrival_s");
        Assert.Equal(arrivals.OrderBy(double.Parse), arrivals);
        Assert.Equal(["service=a;tenant=x", "service=b;tenant=x"], _run.Rows("labels").Distinct().Order());
        Assert.InRange(summary.ByLabel["service"]["a"].Counts.Completed, 900, 1100);

        // A cycle of the closed loop takes 1 s and three steps, and up to one step of waiting
        Assert.InRange(summary.ByLabel["service"]["b"].Counts.Completed, 1000 / 1.41, 1000 / 1.29);
    }

    [Fact]
    public void A_label_of_a_part_wins_over_the_wholes()
    {
        _run.Run(Mix(Poisson.Replace("service: a", "tenant: mine"), Closed), "duration=10s");
        Assert.Equal(["service=b;tenant=x", "tenant=mine"], _run.Rows("labels").Distinct().Order());
    }

    [Fact]
    public void A_part_has_the_same_requests_whatever_comes_beside_it()
    {
        _run.Run(Mix(Poisson), "duration=100s");
        string[] alone = _run.Rows("arrival_s", "prompt_tokens");
        _run.Run(Mix(Poisson, Closed, Poisson.Replace("service: a", "service: c")), "duration=100s");
        string[] among = _run.Rows("labels", "arrival_s", "prompt_tokens");
        string[] Of(string service) =>
            [.. among.Where(r => r.Contains($"service={service}")).Select(r => r[(r.IndexOf(' ') + 1)..])];

        Assert.Equal(alone, Of("a"));
        Assert.NotEqual(alone[..9], Of("c")[..9]);
    }

    [Fact]
    public void Ties_are_in_the_order_of_the_parts()
    {
        _run.Run(Mix(Closed, Closed.Replace("service: b", "service: c")), "requests=4");
        Assert.Equal(
            ["0 service=b;tenant=x", "0 service=c;tenant=x", "1.3 service=b;tenant=x", "1.3 service=c;tenant=x"],
            _run.Rows("arrival_s", "labels"));
    }

    [Fact]
    public void Limits_hold_for_the_whole()
    {
        Assert.Equal(7, _run.Run(Mix(Poisson, Closed), "requests=7").Arrived);
        Assert.Equal(2, _run.Run(Mix(Closed, Closed), "duration=1s").Arrived);
    }

    [Fact]
    public void Priorities_of_part_and_whole_add_up()
    {
        using FixedWorkload part = new([(0, PromptContent.OwnOf(0, 5))]);
        using IWorkload mix = new MixWorkload(
            [new PrioritizedWorkload(part, 3), new PrioritizedWorkload(new MixWorkload([], default), 9)], default);
        using PrioritizedWorkload whole = new(mix, -1);
        Assert.Equal(2, whole.Take().Priority);
        _run.Run(Mix(Closed + "\n        priority: 4"), "requests=1");
        Assert.Contains("priority: 4", _run.Understood());
    }

    [Fact]
    public void Parts_hear_of_their_own_requests_under_their_own_numbers()
    {
        using FixedWorkload first = new([(5, PromptContent.OwnOf(0, 5))]);
        using FixedWorkload second = new([(3, PromptContent.OwnOf(0, 6)), (7, PromptContent.OwnOf(1, 7))]);
        using MixWorkload mix = new([first, second], default);
        List<ClientRequest> taken = mix.TakeAll();
        Assert.Equal(
            [(0, 3, 6), (1, 5, 5), (2, 7, 7)],
            taken.Select(r => ((int)r.Id, (int)r.Arrival.Ticks, r.PromptTokens)));
        mix.OnFinished(taken[2], ClientOutcome.Lost, new SimTime(9), 0);
        mix.OnFinished(taken[1], ClientOutcome.Completed, new SimTime(9), 8);
        Assert.Equal([(0L, ClientOutcome.Completed, new SimTime(9), 8)], first.Heard);
        Assert.Equal([(1L, ClientOutcome.Lost, new SimTime(9), 0)], second.Heard);
        Assert.Throws<InvariantException>(() => mix.OnFinished(taken[1], ClientOutcome.Completed, new SimTime(9), 8));
    }

    [Fact]
    public void Streams_of_parts_are_apart_and_outputs_keep_the_name_under_which_parts_heard_of_them()
    {
        PromptContent shared = PromptContent.Of(new TokenSegment(TokenStream.Shared(0), 4));
        PromptContent quoting = PromptContent.Of(
            new TokenSegment(TokenStream.OwnOf(0), 3), new TokenSegment(TokenStream.OutputOf(1), 2));
        using FixedWorkload first = new([(1, shared), (3, shared)]);
        using FixedWorkload second = new([(2, PromptContent.OwnOf(0, 3)), (4, quoting), (5, shared)]);
        using MixWorkload mix = new([first, second], default);
        TokenSegment[][] prompts = [.. mix.TakeAll().Select(r => r.Prompt.Segments.ToArray())];

        Assert.Equal(prompts[0], prompts[2]);
        Assert.NotEqual(prompts[0], prompts[4]);
        Assert.Equal([prompts[1][0], new TokenSegment(TokenStream.OutputOf(1), 2)], prompts[3]);
    }

    [Fact]
    public void A_part_hears_under_which_number_the_cluster_knows_an_output_also_in_a_mix_of_mixes()
    {
        using FixedWorkload first = new([(1, PromptContent.OwnOf(0, 5))]);
        using FixedWorkload second = new([(2, PromptContent.OwnOf(0, 5))]);
        using FixedWorkload third = new([(3, PromptContent.OwnOf(0, 5)), (4, PromptContent.OwnOf(1, 5))]);
        using MixWorkload mix = new([first, new MixWorkload([second, third], default)], default);
        List<ClientRequest> taken = mix.TakeAll();
        Assert.Equal([0L, 1, 2, 3], taken.Select(r => r.OutputId));
        taken.ForEach(r => mix.OnFinished(r, ClientOutcome.Completed, new SimTime(9), 8));
        Assert.Equal([0L], first.Outputs);
        Assert.Equal([1L], second.Outputs);
        Assert.Equal([2L, 3], third.Outputs);
    }

    [Fact]
    public void A_session_finds_its_answers_in_the_cache_as_well_in_a_mix_as_alone()
    {
        const string Sessions = """
                  - source: { name: sessions, turns: { name: constant, tokens: 4 } }
                    arrivals: { name: poisson, rate_per_s: 0.1 }
                    prompt_tokens: { name: constant, tokens: 50 }
                    output_tokens: { name: constant, tokens: 70 }
                    labels: { service: chat }
            """;
        string[] settings = ["duration=100s", "cluster.pools.main.engine.num_gpu_blocks_override=100000"];
        string[] Chats() => [.. _run.Rows("cached_tokens", "labels").Where(r => r.Contains("chat")).Order()];
        _run.Run(Mix(Sessions), settings);
        string[] alone = Chats();
        _run.Run(Mix(Sessions, Poisson, Closed), settings);
        Assert.Equal(alone, Chats());

        // The second turn finds 7 blocks of the 119 tokens whose KV the first computed, 50 asked and 69 answered
        Assert.Contains(alone, row => row.StartsWith("112 ", StringComparison.Ordinal));
    }

    [Fact]
    public void Sessions_of_parts_are_apart_and_other_labels_are_not()
    {
        Labels labels = new([new("session", "7"), new("tenant", "campus")]);
        using FixedWorkload first = new([(1, PromptContent.OwnOf(0, 5))], labels);
        using FixedWorkload second = new([(2, PromptContent.OwnOf(0, 5))], labels);
        using FixedWorkload third = new([(3, PromptContent.OwnOf(0, 5))]);
        using MixWorkload mix = new([first, new MixWorkload([second, third], default)], default);
        Assert.Equal(
            ["session=0/7;tenant=campus", "session=1/0/7;tenant=campus", ""],
            mix.TakeAll().Select(r => r.Labels.ToString()));
    }

    [Fact]
    public void Parts_are_closed_with_the_whole_also_where_a_later_part_is_mistaken()
    {
        FixedWorkload first = new([]);
        FixedWorkload second = new([]);
        new MixWorkload([first, second], default).Dispose();
        Assert.True(first.IsDisposed && second.IsDisposed);

        FixedWorkload watched = new([]);
        Catalog catalog = Catalog.Default with
        {
            Workloads = Catalog.Default.Workloads.Add("watched", "for this test", _ => watched),
        };
        LoadedScenario loaded = WorkloadRun.Parse(
            Mix("      - source: watched", Poisson.Replace("arrivals: { name: poisson, rate_per_s: 1 }", "")),
            "s.yaml", ["duration=1s"], catalog);
        Assert.Throws<ScenarioException>(() => WorkloadContext.Create(loaded.Scenario, loaded.File));
        Assert.True(watched.IsDisposed);
    }

    [Fact]
    public void Rows_of_all_traces_are_counted()
    {
        _run.File(
            "t.csv", "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type",
            "0,ChatGPT,10,1,11,API log", "1,GPT-4,20,3,23,API log", "2,ChatGPT,30,0,30,API log");
        string Trace(string model) => $"      - source: {{ name: trace, path: t.csv, models: [{model}] }}";
        Summary summary = _run.Run(Mix(Trace("ChatGPT"), Closed, Trace("GPT-4")), "duration=100s");
        TraceCounts trace = summary.Trace!;
        Assert.Equal((6, 3, 1, 0, 2), (trace.RowsRead, trace.FilteredOut, trace.Failed, trace.OverLimit, trace.Given));
        Assert.Null(_run.Run(Mix(Closed), "duration=100s").Trace);
    }

    [Fact]
    public void A_mistake_in_a_part_is_told_with_its_place()
    {
        Assert.Equal(
            "workload.source.parts: found none, expected at least one workload",
            _run.Refusal("  source: { name: mix, parts: [] }", "duration=1s"));
        Assert.Equal(
            "workload.source.parts.1.arrivals: missing, expected when requests arrive: the source 'synthetic' needs it",
            _run.Refusal(
                Mix(Closed, Poisson.Replace("arrivals: { name: poisson, rate_per_s: 1 }", "")), "duration=1s"));
        Assert.Equal(
            "workload.source.parts.0.arrivals: the source 'closed-loop' takes none",
            _run.Refusal(Mix(Closed + "\n        arrivals: { name: poisson, rate_per_s: 1 }"), "duration=1s"));
        Assert.Equal(
            "workload.lengths: the source 'mix' takes none",
            _run.Refusal(
                Mix(Closed) + "\n  lengths: { name: joint-table, path: burstgpt-conversation }", "duration=1s"));
    }

    /// <summary>Requests of these ticks and prompts, and what it hears of them.</summary>
    private sealed class FixedWorkload((long At, PromptContent Prompt)[] requests, Labels? labels = null) : IWorkload
    {
        private int _taken;

        public List<(long Id, ClientOutcome Outcome, SimTime At, int OutputTokens)> Heard { get; } = [];

        public List<long> Outputs { get; } = [];

        public SimTime? NextArrival => _taken < requests.Length ? new SimTime(requests[_taken].At) : null;

        public TraceCounts? TraceCounts => null;

        public bool IsDisposed { get; private set; }

        public ClientRequest Take()
        {
            (long at, PromptContent prompt) = requests[_taken];
            return new ClientRequest(_taken++, new SimTime(at), prompt, OutputLength.Of(1), labels ?? Labels.None);
        }

        public void OnFinished(ClientRequest request, ClientOutcome outcome, SimTime at, int outputTokens)
        {
            Heard.Add((request.Id, outcome, at, outputTokens));
            Outputs.Add(request.OutputId);
        }

        public void Dispose() => IsDisposed = true;
    }
}
