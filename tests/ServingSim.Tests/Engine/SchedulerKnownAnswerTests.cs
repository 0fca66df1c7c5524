using ServingSim.Engine;
using ServingSim.Engine.Scheduling;
using ServingSim.Kernel;
using Xunit;

namespace ServingSim.Tests.Engine;

/// <summary>
/// Known answers for profile vllm-v1, most of them from vLLM's own test_scheduler.py; steps take one tick.
/// </summary>
public sealed class SchedulerKnownAnswerTests
{
    [Fact]
    public void K19_a_long_prompt_is_computed_in_pieces_of_the_threshold()
    {
        ReplicaRun run = ReplicaRun.Of(
            A.Config(maxNumBatchedTokens: 1024, threshold: 400),
            null,
            A.Request(0, 800, 10),
            A.Request(1, 800, 10),
            A.Request(2, 800, 10));
        Assert.Equal(
            [
                "(0, 400) (1, 400) (2, 224)", "(0, 400) (1, 400) (2, 224)", "(0, 1) (1, 1) (2, 352)",
                "(0, 1) (1, 1) (2, 1)",
            ],
            run.Steps.Take(4).Select(s => s.Scheduled));
    }

    [Theory]
    [InlineData(true, "(0, 800) (1, 224)")]
    [InlineData(false, "(0, 800)")]
    public void K20_nobody_overtakes_a_prompt_that_does_not_fit(bool chunked, string firstStep)
    {
        ReplicaRun run = ReplicaRun.Of(
            A.Config(maxNumBatchedTokens: 1024, maxNumSeqs: 3, chunked: chunked),
            null,
            A.Request(0, 800, 3),
            A.Request(1, 800, 3),
            A.Request(2, 10, 3),
            A.Request(3, 10, 3));
        Assert.Equal(firstStep, run.Steps[0].Scheduled);
        Assert.Equal([0, 1, 2, 3], run.Observer.Finished.Select(r => r.Id.Client).Order());
    }

    [Fact]
    public void K22_decodes_go_first_and_a_long_prompt_takes_the_rest_of_the_budget()
    {
        List<Request> requests = [.. Enumerable.Range(0, 10).Select(i => A.Request(i, 16, 100))];
        requests.Add(A.Request(10, 8192, 5, at: 3));
        ReplicaRun run = ReplicaRun.Of(A.Config(maxNumBatchedTokens: 8192, maxModelLen: 9000), null, requests);
        Assert.EndsWith("(9, 1) (10, 8182)", run.Steps[3].Scheduled, StringComparison.Ordinal);
        Assert.EndsWith("(9, 1) (10, 10)", run.Steps[4].Scheduled, StringComparison.Ordinal);
        Assert.Equal(5, requests[10].FirstToken!.Value.Ticks);
        Assert.All(run.Steps.Skip(1).Take(4), step => Assert.StartsWith("(0, 1) (1, 1)", step.Scheduled));
    }

    [Fact]
    public void K23_who_gets_no_block_preempts_the_one_admitted_last()
    {
        Request[] requests = [A.Request(0, 80, 20), A.Request(1, 80, 20)];
        ReplicaRun run = ReplicaRun.Of(A.Config(11, maxNumBatchedTokens: 160, caching: false), null, requests);
        Assert.Equal(("(0, 80) (1, 80)", 0), (run.Steps[0].Scheduled, run.Steps[0].FreeBlocks));
        Assert.Equal(
            ("(0, 1)", "1", "1", 4),
            (run.Steps[1].Scheduled, run.Steps[1].Preempted, run.Steps[1].Waiting, run.Steps[1].FreeBlocks));

        // Its first token was out; it computes 81 known tokens again when there is room, and goes on with the second
        Assert.Equal(1, requests[1].FirstToken!.Value.Ticks);
        Assert.Equal("(1, 81)", run.Steps[20].Scheduled);
        Assert.Equal((1, 20), (requests[1].Preemptions, requests[1].GeneratedTokens));
    }

    [Fact]
    public void K26_nobody_is_admitted_beside_a_preemption_though_there_would_be_room()
    {
        // Blocks of 4 tokens, four of them: A needs a second one at tick 1, C gives up two, and D, which needs one and
        // arrived meanwhile, is admitted only a tick later, behind C
        Request[] requests = [A.Request(0, 4, 3), A.Request(1, 3, 3), A.Request(2, 8, 3), A.Request(3, 1, 1, at: 1)];
        ReplicaRun run = ReplicaRun.Of(A.Config(5, 4, maxModelLen: 16, caching: false), null, requests);
        RecordedStep preempting = run.Steps[1];
        Assert.Equal(("(0, 1) (1, 1)", "2", ""), (preempting.Scheduled, preempting.Preempted, preempting.Admitted));
        Assert.Equal(("2 3", 1), (preempting.Waiting, preempting.FreeBlocks));
    }

    [Fact]
    public void K25_several_victims_of_one_step_wait_in_their_order_of_admission()
    {
        // A and B need a block each, C and D hold one block each: one step takes both, D first
        Request[] requests = [A.Request(0, 4, 9), A.Request(1, 4, 9), A.Request(2, 1, 9), A.Request(3, 1, 9)];
        ReplicaRun run = ReplicaRun.Of(A.Config(5, 4, maxModelLen: 16, caching: false), null, requests);
        RecordedStep preempting = run.Steps[1];
        Assert.Equal(("3 2", "2 3", "(0, 1) (1, 1)"), (preempting.Preempted, preempting.Waiting, preempting.Scheduled));
    }

    [Fact]
    public void K28_a_prompt_without_room_waits_until_the_other_has_finished()
    {
        ReplicaRun run = ReplicaRun.Of(
            A.Config(10, 4, caching: false), null, A.Request(0, 24, 3), A.Request(1, 24, 3));
        Assert.Equal(("(0, 24)", "1"), (run.Steps[0].Scheduled, run.Steps[0].Waiting));
        Assert.Equal("0", run.Steps[2].Finished);
        Assert.Equal("(1, 24)", run.Steps[3].Scheduled);
    }

    [Fact]
    public void The_last_token_sampled_has_no_KV_and_one_output_takes_no_decode()
    {
        Request[] requests = [A.Request(0, 10, 1), A.Request(1, 10, 4)];
        ReplicaRun run = ReplicaRun.Of(A.Config(), null, requests);
        Assert.Equal((1, 4), (requests[0].Finished!.Value.Ticks, requests[1].Finished!.Value.Ticks));
        Assert.Equal(
            20 + 3, run.Steps.Sum(s => s.Scheduled.Split(") (").Sum(p => int.Parse(p.Trim('(', ')').Split(", ")[1]))));
    }

    [Fact]
    public void A_second_request_of_the_same_step_hits_what_the_first_is_about_to_compute()
    {
        TokenSegment shared = new(TokenStream.Shared(1), 64);
        ReplicaRun run = ReplicaRun.Of(
            A.Config(),
            null,
            A.Request(0, 2, 0, shared, new TokenSegment(TokenStream.OwnOf(0), 5)),
            A.Request(1, 2, 0, shared, new TokenSegment(TokenStream.OwnOf(1), 5)));
        Assert.Equal("(0, 0) (1, 64)", run.Steps[0].Admitted);
        Assert.Equal("(0, 69) (1, 5)", run.Steps[0].Scheduled);
    }

    [Fact]
    public void A_cached_block_is_not_hit_behind_other_tokens_than_it_was_computed_behind()
    {
        (TokenSegment a, TokenSegment b, TokenSegment c) =
            (new(TokenStream.Shared(0), 16), new(TokenStream.Shared(1), 16), new(TokenStream.Shared(2), 17));
        ReplicaRun run = ReplicaRun.Of(
            A.Config(), null, A.Request(0, 1, 0, a, b), A.Request(1, 1, 1, b, c), A.Request(2, 1, 2, a, c));
        Assert.Equal(["(0, 0)", "(1, 0)", "(2, 16)"], run.Steps.Select(s => s.Admitted));
    }

    [Fact]
    public void A_beginning_that_is_repeated_is_not_its_continuation()
    {
        TokenStream stream = TokenStream.Shared(0);
        ReplicaRun run = ReplicaRun.Of(
            A.Config(),
            null,
            A.Request(0, 1, 0, new TokenSegment(stream, 33)),
            A.Request(1, 1, 1, new TokenSegment(stream, 16), new TokenSegment(stream, 17)));
        Assert.Equal(["(0, 0)", "(1, 16)"], run.Steps.Select(s => s.Admitted));
    }

    [Fact]
    public void An_output_ends_where_prompt_and_output_reach_max_model_len()
    {
        Request request = A.Request(0, 90, 50);
        ReplicaRun.Of(A.Config(maxModelLen: 100), null, request);
        Assert.Equal((10, true), (request.GeneratedTokens, request.EndedByModelLength));
    }

    [Fact]
    public void A_step_that_ends_frees_its_blocks_before_a_request_of_the_same_instant_is_admitted()
    {
        // The first holds 1 of 1 block until tick 3
        ReplicaRun run = ReplicaRun.Of(
            A.Config(2, 16, caching: false), null, A.Request(0, 4, 3), A.Request(1, 4, 3, at: 3));
        Assert.Equal(3, run.Steps[3].Start);
        Assert.Equal("(1, 4)", run.Steps[3].Scheduled);
    }

    [Theory]
    [InlineData(new[] { 2, 0, 1 }, new long[] { 1, 1, 1 }, "1 2 0")]
    [InlineData(new[] { 1, 1, 1 }, new long[] { 3, 1, 2 }, "1 2 0")]
    [InlineData(new[] { 2, 1, 1, 0 }, new long[] { 1, 3, 2, 4 }, "3 2 1 0")]
    [InlineData(new[] { 5, 1, 8, 3, 2, 7, 4, 6 }, new long[] { 1, 1, 1, 1, 1, 1, 1, 1 }, "1 4 3 6 0 7 5 2")]
    public void K32_lower_values_run_first_then_earlier_arrivals(int[] priorities, long[] arrivals, string order)
    {
        PriorityQueuePolicy queue = new();
        for (int i = 0; i < priorities.Length; i++)
        {
            queue.Enqueue(Prioritised(i, 4, 1, priorities[i], arrivals[i]));
        }

        Assert.Equal(order, string.Join(' ', queue.InOrder().Select(r => r.Id.Client)));
    }

    [Fact]
    public void Equal_requests_wait_in_the_order_of_their_ids_as_text()
    {
        PriorityQueuePolicy queue = new();
        queue.Enqueue(Prioritised(2, 4, 1, 0, 1));
        queue.Enqueue(Prioritised(10, 4, 1, 0, 1));
        Assert.Equal(10, queue.Head!.Id.Client);
    }

    [Fact]
    public void By_priority_the_least_urgent_is_preempted_though_it_was_scheduled_in_this_step_already()
    {
        // Blocks of 4 tokens, three of them: at tick 2 the first, least urgent, is given a token; then the second needs
        // a block, and the first loses its token and its KV
        Request[] requests = [Prioritised(0, 1, 5, 9, 0), Prioritised(1, 8, 3, 0, 1)];
        ReplicaRun run = ReplicaRun.Of(
            A.Parts(A.Config(4, 4, maxModelLen: 12, caching: false), waiting: new PriorityQueuePolicy()), requests);
        Assert.Equal(("(0, 1) (1, 8)", 0), (run.Steps[1].Scheduled, run.Steps[1].FreeBlocks));
        Assert.Equal(("(1, 1)", "0", "1"), (run.Steps[2].Scheduled, run.Steps[2].Preempted, run.Steps[2].Sampled));

        // Two tokens were out; it comes back with three known tokens and gets three more
        Assert.Equal("(0, 3)", run.Steps.Single(s => s.Admitted == "(0, 0)" && s.Start > 0).Scheduled);
        Assert.Equal(5, requests[0].GeneratedTokens);
    }

    [Fact]
    public void By_priority_who_preempts_itself_ends_the_step_for_all_behind_it()
    {
        // The first is the least urgent and needs a block: it gives up its own, and the second misses the step
        Request[] requests = [Prioritised(0, 3, 5, 9, 0), Prioritised(1, 8, 3, 0, 1)];
        ReplicaRun run = ReplicaRun.Of(
            A.Parts(A.Config(4, 4, maxModelLen: 12, caching: false), waiting: new PriorityQueuePolicy()), requests);
        RecordedStep second = run.Steps.First(s => s.Preempted == "0");
        Assert.Equal(("", "1", "0"), (second.Scheduled, second.Running, second.Waiting));
    }

    [Fact]
    public void The_late_profile_admits_only_what_fits_whole()
    {
        // Ten blocks of 4 tokens and 8 tokens a step: the second prompt's first chunk would fit, the whole does not
        Request[] requests = [A.Request(0, 20, 5), A.Request(1, 24, 5)];
        EngineConfig config = A.Config(11, 4, maxNumBatchedTokens: 24, maxNumSeqs: 8, maxModelLen: 40, caching: false);
        Assert.Equal("(0, 20) (1, 4)", ReplicaRun.Of(config, null, Copies()).Steps[0].Scheduled);
        ReplicaRun late = ReplicaRun.Of(A.Parts(config, late: new VllmV1LateOptions()), Copies());
        Assert.Equal(("(0, 20)", "1"), (late.Steps[0].Scheduled, late.Steps[0].Waiting));

        IEnumerable<Request> Copies() => requests.Select(r => A.Request(r.Id.Client, r.PromptTokens, 5));
    }

    [Fact]
    public void The_late_profiles_watermark_is_left_free_while_something_runs()
    {
        // int(0.3 * 11) = 3 of 10 blocks: five for the first, alone; then two of the five left, with three to spare
        EngineConfig config = A.Config(11, 4, maxModelLen: 40, caching: false);
        VllmV1LateOptions late = new(SchedulerReserveFullIsl: false, Watermark: 0.3);
        Assert.Equal("(0, 20) (1, 8)", First(8));
        Assert.Equal("(0, 20)", First(9));

        string First(int prompt) =>
            ReplicaRun.Of(A.Parts(config, late: late), [A.Request(0, 20, 5), A.Request(1, prompt, 5)])
                .Steps[0].Scheduled;
    }

    private static Request Prioritised(long id, int prompt, int output, int priority, long at) => new(
        new RequestId(id, 0), PromptContent.OwnOf(id, prompt), OutputLength.Of(output), new SimTime(at))
    {
        Priority = priority,
    };
}
