using Xunit;

namespace ServingSim.Tests.Oracle;

/// <summary>Known answers of vLLM's scheduler, many of them from its own tests (test_scheduler.py).</summary>
public sealed class OracleSchedulerTests
{
    private static readonly OracleConfig Roomy = new() { NumGpuBlocks = 10_001, MaxModelLen = 16_384 };

    [Fact]
    public void Long_prefills_advance_by_the_threshold()
    {
        OracleConfig config = Roomy with { MaxNumBatchedTokens = 1024, LongPrefillTokenThreshold = 400 };
        OracleEngine engine = Run(config, Request(0, 800), Request(1, 800), Request(2, 800));
        Assert.Equal(
            [[400, 400, 224], [400, 400, 224], [1, 1, 352], [1, 1, 1]],
            engine.Steps.Take(4).Select(TokensOf));
    }

    [Theory]
    [InlineData(true, new[] { 800, 224 })]
    [InlineData(false, new[] { 800 })]
    public void Nobody_overtakes_a_prompt_that_does_not_fit_the_budget(bool chunked, int[] firstStep)
    {
        OracleConfig config = Roomy with
        {
            MaxModelLen = 1024,
            MaxNumBatchedTokens = 1024,
            MaxNumSeqs = 3,
            EnableChunkedPrefill = chunked,
        };
        OracleEngine engine = Run(config, Request(0, 800), Request(1, 800), Request(2, 10), Request(3, 10));
        Assert.Equal(firstStep, TokensOf(engine.Steps[0]));
    }

    [Fact]
    public void Without_chunking_the_budget_is_compared_with_what_the_threshold_leaves()
    {
        OracleConfig config = Roomy with
        {
            MaxModelLen = 1024,
            MaxNumBatchedTokens = 1024,
            EnableChunkedPrefill = false,
            LongPrefillTokenThreshold = 400,
        };
        OracleEngine engine = Run(config, Request(0, 800), Request(1, 800));
        Assert.Equal([400, 400], TokensOf(engine.Steps[0]));
    }

    [Fact]
    public void Decodes_go_on_while_a_long_prompt_takes_two_steps()
    {
        OracleRequest[] decoding = [.. Enumerable.Range(0, 10).Select(id => Request(id, 20))];
        OracleEngine engine = Run(Roomy, [.. decoding, Request(10, 8192, arrival: 3)]);
        Assert.Equal([.. Enumerable.Repeat(1, 10), 8182], TokensOf(engine.Steps[3]));
        Assert.Equal([.. Enumerable.Repeat(1, 10), 10], TokensOf(engine.Steps[4]));
        Assert.Equal(10, engine.Steps[3].Sampled.Count);
        Assert.Equal(5, engine.Sequences[10].FirstTokenTime);
        Assert.Equal([1, 1, 1, 1], engine.Sequences[0].InterTokenTimes.Take(4));
    }

    [Fact]
    public void The_last_admitted_request_gives_its_blocks_to_an_earlier_one()
    {
        OracleEngine engine = Run(Tight(11), Request(0, 80), Request(1, 80));
        Assert.Equal([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]], engine.Steps[0].Scheduled.Select(part => part.NewBlocks));
        Assert.Equal(0, engine.Steps[0].FreeBlocks);

        OracleStep second = engine.Steps[1];
        Assert.Equal([1], second.Preempted);
        Assert.Equal([(0, 1)], second.Scheduled.Select(part => (part.Request, part.Tokens)));
        Assert.Equal([10], second.Scheduled[0].NewBlocks);
        Assert.Equal([1], second.Waiting);
        Assert.Equal(4, second.FreeBlocks);
    }

    [Fact]
    public void Victims_of_one_step_wait_in_their_order_of_admission()
    {
        OracleConfig config = Tight(12) with { LongPrefillTokenThreshold = 64 };
        OracleEngine engine = Run(config, Request(0, 160), Request(1, 60), Request(2, 40));
        OracleStep second = engine.Steps[1];
        Assert.Equal(0, engine.Steps[0].FreeBlocks);
        Assert.Equal([2, 1], second.Preempted);
        Assert.Equal([1, 2], second.Waiting);
        Assert.Equal(3, second.FreeBlocks);
    }

    [Fact]
    public void A_preempting_step_admits_nobody_even_if_blocks_would_suffice()
    {
        OracleConfig config = Tight(11) with { Policy = OraclePolicy.Priority };
        OracleRequest urgent = Request(2, 10, arrival: 1) with { Priority = -1 };
        OracleEngine engine = Run(config, Request(0, 80), Request(1, 80) with { Priority = 1 }, urgent);
        Assert.Equal([1], engine.Steps[1].Preempted);
        Assert.Empty(engine.Steps[1].Admitted);
        Assert.Equal(4, engine.Steps[1].FreeBlocks);
        Assert.Equal([2, 1], engine.Steps[1].Waiting);
        Assert.Equal([2], engine.Steps[2].Admitted.Select(admission => admission.Request));
    }

    [Fact]
    public void A_prompt_that_finds_no_blocks_waits_for_a_finish()
    {
        OracleConfig config = new() { NumGpuBlocks = 10, BlockSize = 4, MaxModelLen = 36 };
        OracleEngine engine = Run(config, Request(0, 24, output: 3), Request(1, 24, output: 3));
        Assert.Equal([24], TokensOf(engine.Steps[0]));
        Assert.Equal([1], engine.Steps[2].Waiting);
        Assert.Equal([0], engine.Steps[2].Finished);
        Assert.Equal([(1, 24)], engine.Steps[3].Scheduled.Select(part => (part.Request, part.Tokens)));
    }

    [Theory]
    [InlineData(new[] { 2, 0, 1 }, new[] { 0, 0, 0 }, new[] { 1, 2, 0 })]
    [InlineData(new[] { 1, 1, 1 }, new[] { 3, 1, 2 }, new[] { 1, 2, 0 })]
    [InlineData(new[] { 2, 1, 1, 0 }, new[] { 1, 3, 2, 4 }, new[] { 3, 2, 1, 0 })]
    [InlineData(new[] { 5, 1, 8, 3, 2, 7, 4, 6 }, new[] { 0, 0, 0, 0, 0, 0, 0, 0 }, new[] { 1, 4, 3, 6, 0, 7, 5, 2 })]
    public void The_most_urgent_request_runs_first(int[] priorities, int[] rankTimes, int[] order)
    {
        OracleConfig config = Roomy with { Policy = OraclePolicy.Priority };
        OracleEngine engine = Run(
            config,
            [.. priorities.Select((priority, id) =>
                Request(id, 10) with { Priority = priority, RankTime = rankTimes[id] })]);
        Assert.Equal(order, engine.Steps[0].Running);
    }

    [Fact]
    public void Equally_urgent_requests_run_in_the_order_of_their_names()
    {
        OracleConfig config = Roomy with { Policy = OraclePolicy.Priority };
        OracleEngine engine = Run(config, Request(2, 10), Request(10, 10));
        Assert.Equal([10, 2], engine.Steps[0].Running);
    }

    [Fact]
    public void Of_equal_victims_the_first_in_running_order_is_taken()
    {
        OracleConfig config = Tight(11) with { Policy = OraclePolicy.Priority };
        OracleEngine engine = Run(config, Request(0, 70), Request(1, 80));
        OracleStep second = engine.Steps[1];
        Assert.Equal([0], second.Preempted);
        Assert.Equal([(1, 1)], second.Scheduled.Select(part => (part.Request, part.Tokens)));
    }

    [Fact]
    public void A_victim_taken_out_of_the_step_returns_its_tokens_to_the_budget()
    {
        OracleConfig config = Tight(9) with
        {
            MaxNumBatchedTokens = 40,
            MaxNumSeqs = 8,
            Policy = OraclePolicy.Priority,
        };
        OracleRequest low = Request(0, 95) with { Priority = 2 };
        OracleRequest prefilling = Request(2, 100, arrival: 2) with { Priority = 1 };
        OracleEngine engine = Run(config, low, Request(1, 16, arrival: 2), prefilling);
        Assert.Equal([15, 16, 9], TokensOf(engine.Steps[2]));
        Assert.Equal([0], engine.Steps[3].Preempted);
        Assert.Equal([(1, 1), (2, 39)], engine.Steps[3].Scheduled.Select(part => (part.Request, part.Tokens)));
    }

    [Fact]
    public void The_worst_request_preempts_itself_and_the_step_computes_nothing()
    {
        OracleConfig config = Tight(11) with { Policy = OraclePolicy.Priority };
        OracleRequest[] requests = [Request(0, 79) with { Priority = 1 }, Request(1, 70, arrival: 1)];
        OracleEngine engine = OracleEngine.Run(config, requests, shape => shape.SampledTokens);
        OracleStep third = engine.Steps[2];
        Assert.Empty(third.Scheduled);
        Assert.Equal([0], third.Preempted);
        Assert.Equal([1], third.Running);
        Assert.Equal(1, third.Duration);
    }

    [Theory]
    [InlineData(170, false, 0, 2)]
    [InlineData(170, true, 0, 1)]
    [InlineData(160, true, 0, 2)]
    [InlineData(170, false, 0.1, 2)]
    [InlineData(170, false, 0.2, 1)]
    public void The_late_profile_admits_only_if_the_whole_prompt_or_a_watermark_stays_free(
        int prompt, bool reserve, double watermark, int admitted)
    {
        OracleConfig config = Tight(21) with
        {
            Profile = OracleProfile.VllmV1Late,
            MaxNumBatchedTokens = 250,
            MaxNumSeqs = 10,
            ReserveFullIsl = reserve,
            Watermark = watermark,
        };
        OracleEngine engine = Run(config, Request(0, 150), Request(1, prompt));
        Assert.Equal(admitted, engine.Steps[0].Admitted.Count);
    }

    private static OracleConfig Tight(int blocks) => new()
    {
        NumGpuBlocks = blocks,
        MaxModelLen = (blocks - 1) * 16,
        EnablePrefixCaching = false,
    };

    private static OracleEngine Run(OracleConfig config, params OracleRequest[] requests) =>
        OracleEngine.Run(config, requests, _ => 1);

    private static OracleRequest Request(int id, int prompt, int output = 30, long arrival = 0) =>
        new(id, [new OracleSegment($"own{id}", prompt)], output, arrival);

    private static IEnumerable<int> TokensOf(OracleStep step) => step.Scheduled.Select(part => part.Tokens);
}
