using ServingSim.Cluster;
using ServingSim.Experiments.Results;
using ServingSim.Experiments.Workloads;
using ServingSim.Experiments.Workloads.Lengths;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Experiments.Workloads;

public sealed class ClosedLoopWorkloadTests : IDisposable
{
    private static readonly QuantileTable Table = new("made up", [0, 1], [1, 1000]);
    private static readonly QuantileTableLengths Spread = new(new(A.File(Table)));

    private readonly WorkloadRun _run = new();

    public void Dispose() => _run.Dispose();

    private static string Source(string options, int output = 3) => $$"""
          source: { name: closed-loop, {{options}} }
          prompt_tokens: { name: constant, tokens: 10 }
          output_tokens: { name: constant, tokens: {{output}} }
        """;

    [Fact]
    public void Each_client_sends_its_next_request_a_think_time_after_its_last_one_ended()
    {
        // Three steps of 100 ms a request; the second client starts half a ramp later, at 150 ms, and joins a step
        // later, at 200 ms. Its next requests then arrive at 1.5 s and 2.8 s, those of the first at 1.3 s and 2.6 s
        _run.Run(Source("concurrency: 2, think_time: 1s, ramp_up: 300ms"), "duration=3s");
        Assert.Equal(
            ["0 0.1 0.3", "0.15 0.15 0.35", "1.3 0.1 0.3", "1.5 0.1 0.3", "2.6 0.1 0.3", "2.8 0.1 0.3"],
            _run.Rows("arrival_s", "ttft_s", "e2e_s"));
    }

    [Fact]
    public void Without_think_time_the_number_of_requests_in_the_system_never_changes()
    {
        Summary summary = _run.Run(Source("concurrency: 4"), "requests=40", "cluster.pools.main.engine.max_num_seqs=3");

        // Of 40 requests of 3 steps each, three at a time: 13 rounds of three, and one more for the last
        Assert.Equal((40, 4.2), (summary.Overall.Counts.Completed, summary.Overall.DurationS!.Value));
        Assert.Equal(Enumerable.Repeat("0", 4), _run.Rows("arrival_s").Take(4));
    }

    [Fact]
    public void Requests_and_duration_end_it()
    {
        Assert.Equal(5, _run.Run(Source("concurrency: 3, think_time: 1s"), "requests=5").Arrived);
        Assert.Equal(3, _run.Run(Source("concurrency: 3, think_time: 1s"), "duration=1300ms").Arrived);
        Assert.Equal(6, _run.Run(Source("concurrency: 3, think_time: 1s"), "duration=1301ms").Arrived);
        Assert.Equal(2, _run.Run(Source("concurrency: 3, ramp_up: 3s, think_time: 9s"), "duration=2s").Arrived);
    }

    [Fact]
    public void Clients_in_service_and_thinking_add_up_to_all_of_them()
    {
        // Little's law over service and thinking: clients = throughput × (latency + think time)
        Summary summary = _run.Run(
            Source("concurrency: 20, think_time: 2s, think_times: exponential", output: 30), "duration=2h");
        double perS = summary.Arrived / 7200.0;
        Assert.Equal(20, perS * (2 + (summary.Overall.E2el!.MeanMs / 1000)), 0.2);
    }

    [Theory]
    [InlineData(ClientOutcome.Completed)]
    [InlineData(ClientOutcome.Refused)]
    [InlineData(ClientOutcome.Aborted)]
    [InlineData(ClientOutcome.Lost)]
    public void A_client_goes_on_however_its_request_ended(ClientOutcome outcome)
    {
        using ClosedLoopWorkload workload = Workload(new ClosedLoopOptions(1, new SimTime(7)));
        ClientRequest request = workload.Take();
        Assert.Null(workload.NextArrival);
        workload.OnFinished(request, outcome, new SimTime(30), 0);
        Assert.Equal(new SimTime(37), workload.NextArrival);
    }

    [Fact]
    public void A_client_that_is_refused_at_once_and_never_thinks_pauses_for_a_second()
    {
        using ClosedLoopWorkload workload = Workload(new ClosedLoopOptions(1));
        workload.OnFinished(workload.Take(), ClientOutcome.Refused, SimTime.Zero, 0);
        Assert.Equal(SimTime.FromSeconds(1), workload.NextArrival);
    }

    [Fact]
    public void What_a_client_asks_does_not_depend_on_how_fast_others_are_served()
    {
        // Only the first client is answered, only the second, or both in turn
        List<(int, int)> first = Asked(0, 0, 0);
        List<(int, int)> second = Asked(1, 1, 1);
        List<(int, int)> both = Asked(0, 1, 0, 1, 0, 1);
        Assert.Equal(
            [.. first[..2], .. first[2..].Zip(second[2..]).SelectMany(p => new[] { p.First, p.Second })], both);
        Assert.NotEqual(first[2], second[2]);
    }

    [Theory]
    [InlineData("concurrency: 0", "workload.source.concurrency: found 0, expected a whole number from 1 to 1000000")]
    [InlineData(
        "concurrency: 1, think_time: 11d",
        "workload.source.think_time: found 950400.00000000000 s, expected at most 10d")]
    [InlineData(
        "concurrency: 1, think_times: often",
        "workload.source.think_times: found 'often', expected one of constant, exponential")]
    [InlineData("concurrency: 1, ramp_up: -1s", "workload.source.ramp_up: found '-1s', expected a duration")]
    [InlineData("think_time: 1s", "workload.source.concurrency: missing, expected a whole number")]
    public void A_bad_option_is_told(string options, string message) =>
        Assert.StartsWith(message, _run.Refusal(Source(options), "duration=1h"));

    [Fact]
    public void It_needs_an_end_and_takes_no_arrivals()
    {
        Assert.StartsWith("duration: missing", _run.Refusal(Source("concurrency: 1")));
        Assert.Equal(
            "workload.arrivals: the source 'closed-loop' takes none",
            _run.Refusal(
                Source("concurrency: 1") + "\n  arrivals: { name: poisson, rate_per_s: 1 }", "duration=1h"));
    }

    private static ClosedLoopWorkload Workload(ClosedLoopOptions options) => new(
        options, new IndependentLengths(Spread, Spread), Labels.None, new RandomStreams(1), new(Requests: 100));

    /// <summary>Lengths of all requests of two clients when these are answered, one after the other.</summary>
    private static List<(int Prompt, int Output)> Asked(params int[] answered)
    {
        using ClosedLoopWorkload workload = Workload(new ClosedLoopOptions(2, new SimTime(1)));
        ClientRequest[] open = [workload.Take(), workload.Take()];
        List<ClientRequest> all = [.. open];
        foreach (int client in answered)
        {
            workload.OnFinished(open[client], ClientOutcome.Completed, open[client].Arrival + new SimTime(client), 1);
            open[client] = workload.Take();
            all.Add(open[client]);
        }

        return [.. all.Select(r => (r.PromptTokens, r.Output.Tokens))];
    }
}
