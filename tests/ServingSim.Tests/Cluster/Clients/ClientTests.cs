using ServingSim.Cluster;
using ServingSim.Cluster.Admission;
using ServingSim.Cluster.Clients;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster.Routing;
using Xunit;

namespace ServingSim.Tests.Cluster.Clients;

/// <summary>
/// Steps of 10 ticks: a request that is served at once has its first token 10 after it arrived and its n-th at 10 n.
/// </summary>
public sealed class ClientTests
{
    private static readonly RetryOptions Again = new(
        new SimTime(5), new SimTime(1000), [FailureCause.Refused, FailureCause.Timeout], 2, 2, Jitter: 0);

    [Fact]
    public void A_client_that_has_waited_too_long_gets_what_came_by_then_and_no_more()
    {
        ClusterRun run = Run(new ClientRules(Timeout: new SimTime(35)), maxNumSeqs: 9, (9, 0), (3, 0));
        EndedRequest ended = run.Ended[0];
        Assert.Equal(
            (ClientOutcome.Aborted, "timeout", 3, 35, 1),
            (ended.Outcome, ended.Reason, ended.OutputTokens, run.EndedAt[0].Ticks, ended.Attempts));
        Assert.Equal((RequestState.Dropped, 3), (ended.Attempt!.State, ended.Attempt.GeneratedTokens));
        Assert.Equal((ClientOutcome.Completed, 30), (run.Ended[1].Outcome, run.EndedAt[1].Ticks));
        Assert.All(run.Cluster.Replicas, replica => Assert.Equal(0, replica.State.Kv.UsedBlocks));

        // 16 of the prompt and 3 of the output: the fourth token was being computed
        Assert.Equal((1, 19, 3), (
            run.Cluster.Attempts.TimedOut, run.Cluster.Attempts.WastedTokens, run.Cluster.Attempts.WastedOutputTokens));
    }

    /// <summary>A last token at the deadline is too late, and so is a first one.</summary>
    [Theory]
    [InlineData(30, ClientOutcome.Aborted)]
    [InlineData(31, ClientOutcome.Completed)]
    public void A_client_gives_up_before_the_step_that_ends_then(long timeout, ClientOutcome outcome)
    {
        Assert.Equal(outcome, Run(new ClientRules(Timeout: new SimTime(timeout)), 9, (3, 0)).Ended[0].Outcome);
        ClientRules rules = new(FirstTokenTimeout: new SimTime(timeout - 20));
        Assert.Equal(outcome, Run(rules, 9, (3, 0)).Ended[0].Outcome);
    }

    /// <summary>One at a time: the second waits until 47, and the third is the next to begin at 50.</summary>
    [Fact]
    public void Only_those_without_a_first_token_give_up_waiting_for_it_and_leave_the_queue_at_once()
    {
        ClusterRun run = Run(
            new ClientRules(FirstTokenTimeout: new SimTime(45)), maxNumSeqs: 1, (5, 0), (5, 2), (2, 8));
        Assert.Equal(
            [(ClientOutcome.Completed, 50), (ClientOutcome.Aborted, 47), (ClientOutcome.Aborted, 53)],
            Ends(run));
        Assert.Equal(["first_token_timeout", "first_token_timeout"], Reasons(run));
        Assert.Equal((0, RequestState.Dropped), (run.Ended[1].OutputTokens, run.Ended[1].Attempt!.State));
        Assert.Null(run.Ended[1].Attempt!.FirstScheduled);

        // Begun at 50, dropped when its first step would have ended
        Assert.Equal(50, run.Ended[2].Attempt!.FirstScheduled!.Value.Ticks);
        Assert.Equal(0, run.Ended[2].OutputTokens);
    }

    /// <summary>
    /// Sent at 0, given up at 35; again 5 later, given up at 75; again 10 later at 85, for the last time until 120.
    /// </summary>
    [Fact]
    public void A_client_tries_again_ever_later_and_then_gives_up()
    {
        ClusterRun run = Run(new ClientRules(Timeout: new SimTime(35), Retries: Again), maxNumSeqs: 9, (9, 0));
        EndedRequest ended = run.Ended[0];
        Assert.Equal((ClientOutcome.Aborted, 120, 3), (ended.Outcome, run.EndedAt[0].Ticks, ended.Attempts));
        Assert.Equal((new RequestId(0, 2), 85), (ended.Attempt!.Id, ended.Attempt.Arrival.Ticks));
        Assert.Equal((3, 3), (run.Cluster.Attempts.Begun, run.Cluster.Attempts.TimedOut));
    }

    /// <summary>
    /// One in flight at most. The second is refused at 1, at 6 and at 16, tried no more; the third at 2 and 7, and let
    /// in at 17, for the first has ended at 17.
    /// </summary>
    [Fact]
    public void What_is_refused_is_tried_again_and_its_client_counts_from_the_first_time()
    {
        ClusterRun run = ClusterRun.Of(
            Clients((2, 0), (9, 1), (2, 6)),
            Spec(new ClientRules(Retries: Again), 9) with
            {
                Admission = new QueueCaps(new QueueCapsOptions(MaxNumQueuedReqs: 1)),
            });
        Assert.Equal(
            [(ClientOutcome.Completed, 20), (ClientOutcome.Refused, 16), (ClientOutcome.Completed, 41)], Ends(run));
        Assert.Equal(("queued_reqs", 3, null), (run.Ended[1].Reason, run.Ended[1].Attempts, run.Ended[1].Attempt));
        Assert.Equal((3, 6), (run.Ended[2].Attempts, run.Ended[2].Client.Arrival.Ticks));
        Assert.Equal((7, 5), (run.Cluster.Attempts.Begun, run.Cluster.Attempts.Refused));
    }

    [Fact]
    public void What_can_never_be_served_is_not_tried_again()
    {
        ClusterRun run = ClusterRun.Of(
            [Views.Request(0) with { Prompt = PromptContent.OwnOf(0, 100_000) }],
            Spec(new ClientRules(Retries: Again), 9));
        Assert.Equal(("too_long", 1), (run.Ended[0].Reason, run.Ended[0].Attempts));
    }

    /// <summary>Only after a timeout: the refused one ends at once.</summary>
    [Fact]
    public void A_client_tries_again_only_after_what_it_is_told_to()
    {
        ClusterRun run = ClusterRun.Of(
            Clients((2, 0), (9, 1)),
            Spec(new ClientRules(Retries: Again with { After = [FailureCause.Timeout] }), 9) with
            {
                Admission = new QueueCaps(new QueueCapsOptions(MaxNumQueuedReqs: 1)),
            });
        Assert.Equal([(ClientOutcome.Completed, 20), (ClientOutcome.Refused, 1)], Ends(run));
    }

    /// <summary>Under way from 40 to 75, backing off from 75 to 85.</summary>
    [Theory]
    [InlineData(37, 0)]
    [InlineData(62, 2)]
    [InlineData(80, 0)]
    public void Patience_ends_whatever_a_client_does(long patience, int received)
    {
        ClusterRun run = Run(
            new ClientRules(Timeout: new SimTime(35), Patience: new SimTime(patience), Retries: Again), 9, (9, 0));
        EndedRequest ended = run.Ended[0];
        Assert.Equal(
            (ClientOutcome.Aborted, "patience", patience),
            (ended.Outcome, ended.Reason, run.EndedAt[0].Ticks));
        Assert.Equal(received, ended.OutputTokens);
        Assert.Equal(0, run.Cluster.OpenCount);
    }

    /// <summary>On their way for 50: the one whose client gives up after 30 never arrives.</summary>
    [Fact]
    public void What_is_given_up_on_its_way_reaches_no_replica()
    {
        ClusterSpec spec = Spec(new ClientRules(Timeout: new SimTime(30)), 9);
        ClusterRun run = ClusterRun.Of(
            Clients((2, 0)), spec with { Pools = [spec.Pools[0] with { FrontEndTime = new SimTime(50) }] });
        Assert.Equal([(ClientOutcome.Aborted, 30)], Ends(run));
        Assert.Equal(0, run.Cluster.Replicas.Single().Statistics.Steps);
        Assert.Equal(RequestState.Waiting, run.Ended[0].Attempt!.State);
    }

    [Fact]
    public void Clients_with_a_label_have_rules_of_their_own()
    {
        ClusterSpec spec = Spec(new ClientRules(Timeout: new SimTime(35)), 9);
        ClientRules hasty = new(Timeout: new SimTime(15));
        ClusterRun run = ClusterRun.Of(
            Enumerable.Range(0, 3).Select(id => Views.Request(id, id == 0 ? null : $"s{id}") with
            {
                Output = OutputLength.Of(9),
            }),
            spec with
            {
                Clients = spec.Clients! with
                {
                    ByLabel =
                    [
                        new LabelledClients("session", "s1", hasty), new LabelledClients("session", "s2", new()),
                    ],
                },
            });
        Assert.Equal(
            [(ClientOutcome.Aborted, 35), (ClientOutcome.Aborted, 15), (ClientOutcome.Completed, 90)], Ends(run));
        Assert.Null(run.Ended[2].Client.Progress);
    }

    [Fact]
    public void Clients_that_only_wait_have_no_state()
    {
        ClusterRun run = Run(new ClientRules(), 9, (2, 0));
        Assert.Null(run.Ended[0].Client.Progress);
        Assert.Equal(1, run.Ended[0].Attempts);
    }

    [Fact]
    public void Waits_grow_by_the_multiplier_to_the_most()
    {
        RetryOptions options = Of(jitter: 0);
        Assert.Equal(
            [50, 75, 112.5, 168.75, 200, 200],
            Enumerable.Range(0, 6).Select(k => options.Backoff(k, Draws(k)).TotalMilliseconds));
        Assert.Equal(new SimTime(1), (options with { InitialBackoff = default }).Backoff(0, Draws(0)));
        Assert.Equal(200, options.Backoff(100_000, Draws(0)).TotalMilliseconds);
    }

    /// <summary>Evenly within 20 % of 100 ms: the mean of 10,000 has a standard error of 0.12 ms.</summary>
    [Fact]
    public void Jitter_spreads_waits_evenly_about_what_they_would_be()
    {
        RetryOptions options = Of(jitter: 0.2) with { InitialBackoff = SimTime.FromMilliseconds(100) };
        double[] waits =
        [
            .. Enumerable.Range(0, 10_000).Select(i => options.Backoff(0, Draws(i)).TotalMilliseconds).Order(),
        ];
        Assert.InRange(waits[0], 80, 80.1);
        Assert.InRange(waits[^1], 119.9, 120);
        Assert.InRange(waits.Average(), 99.5, 100.5);
        Assert.InRange(waits[2500], 89.5, 90.5);
    }

    private static RetryOptions Of(double jitter) => new(
        SimTime.FromMilliseconds(50), SimTime.FromMilliseconds(200), [FailureCause.Timeout], Jitter: jitter);

    private static Draws Draws(long item) => new RandomStreams(7).Stream("retries").At(item);

    private static IEnumerable<(ClientOutcome, long)> Ends(ClusterRun run) =>
        run.Ended.Select(e => (e.Value.Outcome, run.EndedAt[e.Key].Ticks));

    private static IEnumerable<string> Reasons(ClusterRun run) =>
        run.Ended.Values.Select(e => e.Reason).OfType<string>();

    private static ClusterRun Run(ClientRules rules, int maxNumSeqs, params (int Output, long Arrival)[] requests) =>
        ClusterRun.Of(Clients(requests), Spec(rules, maxNumSeqs));

    private static ClusterSpec Spec(ClientRules rules, int maxNumSeqs) => new(
        [
            new PoolSpec("main", PoolRole.Mixed, 1, () => A.Parts(
                A.Config(maxNumSeqs: maxNumSeqs, caching: false), new AffineLatency(10))),
        ],
        () => new LeastOutstandingRouter())
    {
        Clients = new ClientsSpec(rules, []),
    };

    private static IEnumerable<ClientRequest> Clients(params (int Output, long Arrival)[] requests) =>
        requests.Select((r, id) => new ClientRequest(
            id, new SimTime(r.Arrival), PromptContent.OwnOf(id, 16), OutputLength.Of(r.Output), Labels.None));
}
