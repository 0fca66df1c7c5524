using ServingSim.Engine;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Engine;

/// <summary>Known answers of the policies shortest-first and longest-first; steps take one tick.</summary>
public sealed class LengthOrderTests
{
    // Blocks of 4 tokens
    private static readonly EngineConfig OneAtATime = A.Config(9, 4, maxNumSeqs: 1, maxModelLen: 32, caching: false);
    private static readonly EngineConfig SixBlocks = A.Config(7, 4, maxModelLen: 24, caching: false);

    /// <summary>Prompts 5, 3, 8, 3 with predicted outputs 2, 9, 1, 4: totals 7, 12, 9, 7.</summary>
    [Theory]
    [InlineData(LengthMeasure.PromptTokens, "1 3 0 2", "2 0 1 3")]
    [InlineData(LengthMeasure.PredictedOutputTokens, "2 0 3 1", "1 3 0 2")]
    [InlineData(LengthMeasure.PredictedTotalTokens, "0 3 2 1", "1 2 0 3")]
    public void Requests_are_admitted_by_length_and_equal_ones_by_number(
        LengthMeasure by, string shortestFirst, string longestFirst)
    {
        Assert.Equal(shortestFirst, Admitted(LengthOrderQueue.ShortestFirst(new(by))));
        Assert.Equal(longestFirst, Admitted(LengthOrderQueue.LongestFirst(new(by))));

        static string Admitted(LengthOrderQueue queue) => string.Join(' ', ReplicaRun.Of(
            A.Parts(OneAtATime, waiting: queue),
            [Predicted(0, 5, 2), Predicted(1, 3, 9), Predicted(2, 8, 1), Predicted(3, 3, 4)])
            .Observer.Finished.Select(r => r.Id.Client));
    }

    [Fact]
    public void Requests_of_equal_length_go_by_arrival_at_the_front_end_then_by_number()
    {
        LengthOrderQueue queue = LengthOrderQueue.LongestFirst(new());
        foreach ((long id, long at) in new[] { (2L, 1L), (10, 1), (11, 0), (1, 2) })
        {
            queue.Enqueue(A.Request(id, 4, 1, at));
        }

        Assert.Equal([11, 2, 10, 1], queue.InOrder().Select(r => r.Id.Client));
    }

    [Fact]
    public void A_shorter_newcomer_passes_a_blocked_head()
    {
        // The first leaves one block free, the second needs two; the third arrives at 2 and needs one
        Request[] requests = [A.Request(0, 17, 6), A.Request(1, 8, 1, at: 1), A.Request(2, 4, 1, at: 2)];
        ReplicaRun run = ReplicaRun.Of(A.Parts(SixBlocks, waiting: LengthOrderQueue.ShortestFirst(new())), requests);
        Assert.Equal(("1", ""), (run.Steps[1].Waiting, run.Steps[1].Admitted));
        Assert.Equal(("1", "(2, 0)"), (run.Steps[2].Waiting, run.Steps[2].Admitted));

        // The longer one stays the head, and nobody overtakes it
        run = ReplicaRun.Of(
            A.Parts(SixBlocks, waiting: LengthOrderQueue.LongestFirst(new())),
            requests.Select(r => A.Request(r.Id.Client, r.PromptTokens, 6, r.Arrival.Ticks)));
        Assert.Equal(("1 2", ""), (run.Steps[2].Waiting, run.Steps[2].Admitted));
    }

    /// <summary>
    /// Six blocks, all taken by prompts of 4, 8 and 12 tokens, and a shorter or longer prompt that arrives at tick 1:
    /// each of the three needs another block then, and the one admitted last gives its own.
    /// </summary>
    [Theory]
    [InlineData(6, "2 0 1", "1", "3 1")]
    [InlineData(14, "2 0 1", "1", "1 3")]
    public void By_shortest_first_a_preempted_request_waits_where_its_prompt_puts_it(
        int prompt, string running, string preempted, string waiting)
    {
        ReplicaRun run = ReplicaRun.Of(
            A.Parts(SixBlocks, waiting: LengthOrderQueue.ShortestFirst(new())),
            [A.Request(0, 8, 5), A.Request(1, 12, 5), A.Request(2, 4, 5), A.Request(3, prompt, 5, at: 1)]);
        Assert.Equal((running, 0), (run.Steps[0].Running, run.Steps[0].FreeBlocks));
        Assert.Equal((preempted, waiting), (run.Steps[1].Preempted, run.Steps[1].Waiting));
        Assert.Equal(5, run.Observer.Finished.Single(r => r.Id.Client == 1).GeneratedTokens);
    }

    [Theory]
    [InlineData(6, "3 2")]
    [InlineData(3, "2 3")]
    public void By_longest_first_a_preempted_request_waits_where_its_prompt_puts_it(int prompt, string waiting)
    {
        ReplicaRun run = ReplicaRun.Of(
            A.Parts(SixBlocks, waiting: LengthOrderQueue.LongestFirst(new())),
            [A.Request(0, 8, 5), A.Request(1, 12, 5), A.Request(2, 4, 5), A.Request(3, prompt, 5, at: 1)]);
        Assert.Equal(("1 0 2", 0), (run.Steps[0].Running, run.Steps[0].FreeBlocks));

        // Three blocks are needed and the last admitted has but one: the one before it goes, too
        Assert.Equal(("2 0", "1"), (run.Steps[1].Preempted, run.Steps[1].Running));
        Assert.Equal("0 " + waiting, run.Steps[1].Waiting);
    }

    /// <summary>What it has generated does not count: 3 prompt and 3 output tokens wait before a prompt of 5.</summary>
    [Fact]
    public void A_preempted_request_keeps_the_length_that_it_arrived_with()
    {
        EngineConfig config = A.Config(4, 4, maxModelLen: 12, caching: false);
        ReplicaRun run = ReplicaRun.Of(
            A.Parts(config, waiting: LengthOrderQueue.ShortestFirst(new())),
            [A.Request(0, 2, 9), A.Request(1, 3, 9), A.Request(2, 5, 1, at: 3)]);
        RecordedStep preempting = run.Steps.First(s => s.Preempted.Length > 0);
        Assert.Equal(("1", "1 2"), (preempting.Preempted, preempting.Waiting));
        Assert.Equal(3, preempting.Start);
    }

    [Fact]
    public void A_request_without_a_prediction_cannot_wait_by_one()
    {
        LengthOrderQueue queue = LengthOrderQueue.ShortestFirst(new(LengthMeasure.PredictedTotalTokens));
        queue.Enqueue(Predicted(0, 4, 3));
        InvariantException e = Assert.Throws<InvariantException>(() => queue.Enqueue(A.Request(1, 4, 1)));
        Assert.Equal("request 1 has no predicted output length to be queued by", e.Message);
    }

    private static Request Predicted(long id, int prompt, int predicted) => new(
        new RequestId(id, 0), PromptContent.OwnOf(id, prompt), OutputLength.Of(2), SimTime.Zero)
    {
        PredictedOutputTokens = predicted,
    };
}
