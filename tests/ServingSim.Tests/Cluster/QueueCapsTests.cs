using CsCheck;
using ServingSim.Cluster;
using ServingSim.Cluster.Admission;
using ServingSim.Cluster.Routing;
using ServingSim.Engine;
using ServingSim.Kernel;
using ServingSim.Tests.Cluster.Routing;
using Xunit;

namespace ServingSim.Tests.Cluster;

public sealed class QueueCapsTests
{
    /// <summary>
    /// Steps of 10 ticks. Request 0 (2 tokens out) runs from 0 to 20, request 1 is second, request 2 finds two in
    /// flight; at 20 request 0 has ended, so that request 3, arriving after, finds one.
    /// </summary>
    [Fact]
    public void A_request_is_refused_while_so_many_are_in_flight() => Assert.Equal(
        ["-", "-", "queued_reqs", "-"],
        Reasons(new QueueCapsOptions(MaxNumQueuedReqs: 2), (10, 2, 0), (10, 9, 1), (10, 1, 2), (10, 1, 21)));

    /// <summary>
    /// The cap of 30 lets in 20 after 0 and 100 after 20, since the arriving prompt itself does not count; then 120 of
    /// prefill stand in the way until the first tokens at 10 and 20.
    /// </summary>
    [Fact]
    public void A_request_is_refused_while_the_prefill_backlog_has_so_many_tokens() => Assert.Equal(
        ["-", "-", "queued_tokens", "queued_tokens", "-"],
        Reasons(
            new QueueCapsOptions(MaxNumQueuedTokens: 30),
            (20, 9, 0), (100, 9, 1), (1, 1, 2), (1, 1, 11), (1, 1, 21)));

    [Theory]
    [InlineData(QueueCapScope.Replica, 2, 30, null)]
    [InlineData(QueueCapScope.Replica, 3, 30, "queued_reqs")]
    [InlineData(QueueCapScope.Fleet, 2, 30, "queued_reqs")]
    [InlineData(QueueCapScope.Replica, 1, 59, null)]
    [InlineData(QueueCapScope.Replica, 1, 60, "queued_tokens")]
    [InlineData(QueueCapScope.Fleet, 1, 30, "queued_tokens")]
    [InlineData(QueueCapScope.Fleet, 1, 29, null)]
    public void The_counts_are_of_the_chosen_replica_or_of_the_fleet(
        QueueCapScope per, int requests, int tokens, string? reason)
    {
        ReplicaView[] views = Views.Of(requests, 1);
        (views[0].PrefillTokens, views[1].PrefillTokens) = (tokens, 30);
        QueueCaps caps = new(new QueueCapsOptions(MaxNumQueuedReqs: 3, MaxNumQueuedTokens: 60, per));
        Assert.Equal(reason, caps.ReasonToRefuse(new Applicant(Views.Request(0), default, views[0], views, [])));
    }

    [Fact]
    public void The_prefill_backlog_is_that_of_requests_without_a_first_token()
    {
        Backlog backlog = new();
        (int, int, long)[] requests =
            [.. Enumerable.Range(0, 60).Select(i => (1 + (i * 37 % 90), 1 + (i % 5), i * 3L))];
        ClusterRun run = ClusterRun.Of(
            Clients(requests),
            new ClusterSpec([Pool(replicas: 2)], () => new RoundRobinRouter()) { Admission = backlog });
        Assert.Equal(60, backlog.Told.Count);
        for (int i = 0; i < requests.Length; i++)
        {
            // By hand, from when first tokens came: those before, of the same turn of the two replicas
            long expected = Enumerable.Range(0, i).Where(j => j % 2 == i % 2)
                .Where(j => run.Ended[j].Attempt!.FirstToken > new SimTime(requests[i].Item3))
                .Sum(j => (long)requests[j].Item1);
            Assert.Equal(expected, backlog.Told[i]);
        }
    }

    private static IEnumerable<string> Reasons(
        QueueCapsOptions options, params (int Prompt, int Output, long Arrival)[] requests) =>
        ClusterRun.Of(
            Clients(requests),
            new ClusterSpec([Pool(replicas: 1)], () => new RoundRobinRouter()) { Admission = new QueueCaps(options) })
        .Ended.Values.Select(ended => ended.Reason ?? "-");

    private static PoolSpec Pool(int replicas) =>
        new("main", PoolRole.Mixed, replicas, () => A.Parts(A.Config(), new AffineLatency(10)));

    private static IEnumerable<ClientRequest> Clients((int Prompt, int Output, long Arrival)[] requests) =>
        requests.Select((r, id) => new ClientRequest(
            id, new SimTime(r.Arrival), PromptContent.OwnOf(id, r.Prompt), OutputLength.Of(r.Output), Labels.None));

    /// <summary>Lets everybody in and writes down the backlog of the chosen replica.</summary>
    private sealed class Backlog : IAdmissionPolicy
    {
        public List<long> Told { get; } = [];

        public string? ReasonToRefuse(in Applicant applicant)
        {
            Told.Add(applicant.Chosen.PrefillTokens);
            return null;
        }
    }
}
